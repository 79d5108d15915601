// Plays `pwsh` with the Az.Accounts module, of which it knows what a program asks:
// `Get-AzAccessToken` in a script given by -Command.
import { fail, fetchToken, optionValue, readSession } from "./session.ts";

async function main(): Promise<void> {
  const [first] = process.argv.slice(2);
  if (first === "/?" || first === "-Help") {
    process.stdout.write("Usage: pwsh[.exe] [-Command { - | <script-block> }]\n");
    return;
  }
  if (!optionValue("-Command")?.includes("Get-AzAccessToken")) {
    fail("the practice cloud's pwsh knows Get-AzAccessToken only", 64);
    return;
  }
  const session = readSession();
  if (!session) {
    fail("Get-AzAccessToken: Run Connect-AzAccount to login.");
    return;
  }
  const resource = process.env.AZURE_IDENTITY_POWERSHELL_RESOURCE ?? "";
  const tenant = process.env.AZURE_IDENTITY_POWERSHELL_TENANT_ID;
  try {
    const options = { ...(tenant && { tenant }) };
    const { token, expiresOn } = await fetchToken(session, `${resource}/.default`, options);
    const expires = new Date(expiresOn * 1000).toISOString();
    const result = { ExpiresOn: expires, Token: token };
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  } catch (error) {
    fail(`Get-AzAccessToken: ${error instanceof Error ? error.message : "unknown error"}`);
  }
}

void main();
