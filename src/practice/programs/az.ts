// A stand-in for `az`: sign-in, sign-out, tokens, and the signed-in account.
import {
  fail,
  fetchToken,
  keepSession,
  login,
  optionValue,
  type ProgramSession,
  readHome,
  readSession,
} from "./program-session.ts";

const LOGIN = "ERROR: Please run 'az login' to setup account.";

async function main(): Promise<void> {
  const command = process.argv.slice(2).filter((word, index, all) => isCommand(word, index, all));
  const session = readSession();
  switch (command.join(" ")) {
    case "account get-access-token":
      return session ? printToken(session) : fail(LOGIN);
    case "account show":
      return session ? print(describeAccount(session.user)) : fail(LOGIN);
    case "login": {
      const user = await login(readHome());
      return user === undefined ? undefined : print([describeAccount(user)]);
    }
    case "logout":
      return session ? keepSession(undefined) : fail("ERROR: There are no active accounts.");
    default:
      fail(`ERROR: the practice cloud's az does not know: ${command.join(" ")}`, 2);
  }
}

/** Words before the first option. */
function isCommand(_word: string, index: number, all: readonly string[]): boolean {
  return !all.slice(0, index + 1).some((word) => word.startsWith("-"));
}

async function printToken(session: ProgramSession): Promise<void> {
  const home = readHome();
  const resource = optionValue("--resource") ?? "https://management.core.windows.net/";
  const scope = optionValue("--scope") ?? `${resource}/.default`;
  const subscription = optionValue("--subscription");
  if (subscription && ![home.subscriptionId, home.subscriptionName].includes(subscription)) {
    fail(
      `ERROR: The subscription of '${subscription}' doesn't exist in cloud 'AzureCloud' or the ` +
        "credential has no access to it. Run 'az login --tenant <tenant-id>' to log in again.",
    );
    return;
  }
  const tenant = optionValue("--tenant");
  try {
    const { token, expiresOn } = await fetchToken(home, session, scope, {
      ...(tenant && { tenant }),
    });
    print({
      accessToken: token,
      expiresOn: localTime(expiresOn),
      expires_on: expiresOn,
      subscription: home.subscriptionId,
      tenant: tenant ?? home.tenantId,
      tokenType: "Bearer",
    });
  } catch (error) {
    const text = error instanceof Error ? error.message : "unknown error";
    fail(
      `ERROR: ${text}\nInteractive authentication is needed. Please run:\naz login --scope ${scope}`,
    );
  }
}

function describeAccount(user: string) {
  const { subscriptionId, subscriptionName, tenantId } = readHome();
  return {
    environmentName: "AzureCloud",
    id: subscriptionId,
    isDefault: true,
    name: subscriptionName,
    state: "Enabled",
    tenantId,
    user: { name: user, type: "user" },
  };
}

/** `2026-01-31 13:45:00.000000` in local time, without a zone: the older of the two fields. */
function localTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  const shifted = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return shifted.toISOString().replace("T", " ").replace("Z", "000");
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

void main();
