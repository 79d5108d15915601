// A stand-in for `azd auth`: login, logout, and tokens.
import {
  fail,
  fetchToken,
  keepSession,
  login,
  optionValue,
  readHome,
  readSession,
} from "./program-session.ts";

async function main(): Promise<void> {
  switch (process.argv.slice(2, 4).join(" ")) {
    case "auth token":
      return printToken();
    case "auth login": {
      const user = await login(readHome());
      if (user !== undefined) process.stdout.write(`Logged in to Azure as ${user}.\n`);
      return;
    }
    case "auth logout":
      return keepSession(undefined);
    default:
      fail(`ERROR: unknown command "${process.argv.slice(2).join(" ")}" for "azd"`, 2);
  }
}

async function printToken(): Promise<void> {
  const session = readSession();
  if (!session) {
    complain("not logged in, run `azd auth login` to login");
    return;
  }
  const scopes = process.argv.filter((_word, index, all) => all[index - 1] === "--scope");
  const tenant = optionValue("--tenant-id");
  const encoded = optionValue("--claims");
  const claims = encoded && Buffer.from(encoded, "base64").toString("utf8");
  try {
    const options = { ...(tenant && { tenant }), ...(claims && { claims }) };
    const { token, expiresOn } = await fetchToken(readHome(), session, scopes.join(" "), options);
    const expires = new Date(expiresOn * 1000).toISOString().replace(/\.\d+/, "");
    process.stdout.write(`${JSON.stringify({ token, expiresOn: expires })}\n`);
  } catch (error) {
    const text = error instanceof Error ? error.message : "unknown error";
    complain(`fetching token: failed to authenticate:\n${text}`);
  }
}

/** With `--output json`, azd reports as JSON lines on the error stream. */
function complain(text: string): void {
  const message = {
    type: "consoleMessage",
    timestamp: new Date().toISOString(),
    data: { message: `\nERROR: ${text}\n` },
  };
  fail(JSON.stringify(message));
}

void main();
