// A stand-in for `pwsh` with Az.Accounts, for the scripts of the Azure SDKs: `Get-AzAccessToken`,
// plain in the one for JavaScript, encoded in the one for Python.
import { fail, fetchToken, optionValue, readHome, readSession } from "./program-session.ts";

/** A script's token request. */
interface Request {
  readonly resource: string;
  readonly tenant: string;
  print(token: string, expiresOn: number): string;
}

async function main(): Promise<void> {
  const [first] = process.argv.slice(2);
  if (first === "/?" || first === "-Help") {
    process.stdout.write("Usage: pwsh[.exe] [-Command { - | <script-block> }]\n");
    return;
  }
  const request = readRequest();
  if (!request) {
    fail("the practice cloud's pwsh knows Get-AzAccessToken only", 64);
    return;
  }
  const session = readSession();
  if (!session) {
    fail("Get-AzAccessToken: Run Connect-AzAccount to login.");
    return;
  }
  const { resource, tenant } = request;
  try {
    const { token, expiresOn } = await fetchToken(readHome(), session, `${resource}/.default`, {
      ...(tenant && { tenant }),
    });
    process.stdout.write(`${request.print(token, expiresOn)}\n`);
  } catch (error) {
    fail(`Get-AzAccessToken: ${error instanceof Error ? error.message : "unknown error"}`);
  }
}

function readRequest(): Request | undefined {
  const encoded = optionValue("-EncodedCommand");
  if (encoded) return readPythonScript(Buffer.from(encoded, "base64").toString("utf16le"));
  if (!optionValue("-Command")?.includes("Get-AzAccessToken")) return undefined;
  return {
    resource: process.env.AZURE_IDENTITY_POWERSHELL_RESOURCE ?? "",
    tenant: process.env.AZURE_IDENTITY_POWERSHELL_TENANT_ID ?? "",
    print: (Token, expiresOn) =>
      JSON.stringify({ ExpiresOn: new Date(expiresOn * 1000).toISOString(), Token }, null, 2),
  };
}

function readPythonScript(script: string): Request | undefined {
  const resource = /'ResourceUrl' = '([^']*)'/.exec(script)?.[1];
  if (resource === undefined) return undefined;
  const tenant = /\$tenantId = '([^']*)'/.exec(script)?.[1] ?? "";
  return { resource, tenant, print: (token, expiresOn) => `azsdk%${token}%${expiresOn}` };
}

void main();
