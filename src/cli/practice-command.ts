import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { readCommandLine, readPort, UsageError } from "../core/command-line.ts";
import { nearNames } from "../core/near-names.ts";
import type { PracticeDescription } from "../practice/index.ts";
import type { Damage } from "../practice/lake/index.ts";
import { clientSettings } from "../practice/settings/client-settings.ts";
import { CLIENT_NAMES, type ClientName, hostSettings } from "../practice/settings/host-settings.ts";
import { quote } from "../practice/settings/shell-quote.ts";
import { aborted, print } from "./command.ts";
import { notedPractice } from "./practice-note.ts";

const HELP = `notelake practice

Runs a cloud on this machine that plays Microsoft Entra ID, Resource Manager and
Data Lake Storage, until Ctrl-C.

  --dir DIR      keep the lake in DIR, with its ports, credentials, certificates
                 (all is gone afterwards otherwise); DIR becomes yours alone
  --port PORT    port for https (that of the last run in DIR, else any free one)
  --approve USER approve every device code as USER, such as ada@contoso.com, so
                 that notebooks and tests sign in with nobody there

  --settings CLIENT
                 prints what a client needs to use the practice cloud that runs
                 (in DIR, or the one that NOTELAKE_PRACTICE names) under Azure's
                 own host names, with nothing leaving this machine, and ends:
                 ${CLIENT_NAMES.join(", ")}

                 eval "$(npx notelake practice --settings az)"

  --check        checks what is kept in DIR, while no practice cloud runs there:
                 databases, and the checksums of all files; changes nothing;
                 names each damaged path; exit code 1 if there is one
`;

export async function run(args: string[], signal: AbortSignal): Promise<number> {
  const { values } = readCommandLine("practice", args, {
    options: {
      dir: { type: "string" },
      port: { type: "string" },
      approve: { type: "string" },
      settings: { type: "string" },
      check: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return print(HELP);
  if (values.settings !== undefined) {
    return print(hostSettings(readClient(values.settings), runningCloud(values.dir)));
  }
  if (values.check) return check(values.dir, signal);
  const options = {
    ...(values.dir && { dir: resolve(values.dir) }),
    ...(values.port !== undefined && { port: readPort(values.port) }),
    ...(values.approve !== undefined && { approveDeviceCodesAs: values.approve }),
  };
  // Loaded only now: help and refusals need none of it.
  const { startPractice } = await import("../practice/index.ts");
  const cloud = await startPractice(options).catch((error) => {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  });
  try {
    print(describe(cloud.description, cloud.settingsFile));
    await aborted(signal);
  } finally {
    await cloud.close();
  }
  return 0;
}

/** Checks a persisted practice cloud. Returns 1 when something in it is damaged. */
async function check(dir: string | undefined, signal: AbortSignal): Promise<number> {
  if (!dir) throw new UsageError("--check needs --dir DIR, the folder that is to be checked");
  const { checkFolder } = await import("../practice/check-folder.ts");
  const result = await checkFolder(resolve(dir), signal).catch((error) => {
    if (!signal.aborted) throw error;
    return undefined;
  });
  if (!result) return (signal.reason as { exitCode?: number }).exitCode ?? 1;
  const { accounts, files, bytes, damage, orphans } = result;
  for (const { path, what } of damage) print(path === undefined ? what : `${path}: ${what}`);
  for (const file of orphans) print(`${file}: belongs to nothing; the next start removes it`);
  const size = `${files} ${files === 1 ? "file" : "files"}, ${bytes} bytes`;
  print(
    `checked ${accounts} ${accounts === 1 ? "account" : "accounts"}, ${size}: ${verdict(damage)}`,
  );
  return damage.length === 0 ? 0 : 1;
}

function verdict(damage: readonly Damage[]): string {
  if (damage.length === 0) return "all is as it was written";
  const paths = new Set(damage.flatMap(({ path }) => path ?? []));
  return `${paths.size} damaged paths and ${damage.filter(({ path }) => !path).length} files beside
Put the files back from a copy of the folder. Without one, start it and delete or write anew the
paths that are named; a folder that does not start has to be made anew.`;
}

function readClient(name: string): ClientName {
  const client = CLIENT_NAMES.find((known) => known === name);
  if (client) return client;
  const [near] = nearNames(CLIENT_NAMES, name);
  const meant = near ? ` Did you mean ${near}?` : "";
  throw new UsageError(
    `--settings ${name} is none of the clients there are: ${CLIENT_NAMES.join(", ")}.${meant}`,
  );
}

/** @throws UsageError when no practice cloud runs with that folder */
function runningCloud(dir: string | undefined): PracticeDescription {
  const file = dir
    ? join(resolve(dir), "practice.json")
    : (process.env.NOTELAKE_PRACTICE ?? notedPractice(process.cwd()));
  if (file === undefined || !existsSync(file)) {
    throw new UsageError(
      `no practice cloud runs ${dir ? `in ${dir}` : "that NOTELAKE_PRACTICE names"}`,
      "Start one in another terminal with: npx notelake practice",
    );
  }
  return JSON.parse(readFileSync(file, "utf8")) as PracticeDescription;
}

function describe(description: PracticeDescription, settingsFile: string): string {
  const { origin, pages, account, tenantId, subscriptionId, users, caFile, keyFiles } = description;
  return `Sign-in, resources, lake:  ${origin}
Pages, metadata service:   ${pages}
CA certificate:            ${caFile}
Tenant:                    ${tenantId}
Subscription:              ${subscriptionId}
Storage account:           ${account}
Its key:                   ${keyFiles.accountKey}
Its connection string:     ${keyFiles.connectionString}
People:                    ${users.join(`\n${" ".repeat(27)}`)}

A program of yours uses it with:

export NOTELAKE_PRACTICE=${quote(settingsFile)}

Other clients reach it as https://${account}.dfs.core.windows.net, through a proxy that lets
nothing leave this machine. What one of them needs, where the line above was typed:

npx notelake practice --settings ${CLIENT_NAMES.join("|")}

Without a proxy, at addresses of this machine, any program of the Azure SDKs, with:

${clientSettings(description)}

  storage             ${origin}/${account}
  Resource Manager    ${origin}
    its audience      https://management.azure.com
  instance discovery, which each program has to switch off itself:
    JavaScript        disableInstanceDiscovery: true
    Python            disable_instance_discovery=True
    Go, .NET          DisableInstanceDiscovery: true
    Java              disableInstanceDiscovery()
  Java's trust store, as Java reads none of these variables:
    keytool -importcert -noprompt -alias practice -file ${quote(caFile)} \\
      -keystore ca.p12 -storetype PKCS12 -storepass practice
    java -Djavax.net.ssl.trustStore=ca.p12 -Djavax.net.ssl.trustStorePassword=practice

Caution: a client that builds Azure's host names from the account's name, or follows the endpoints
that Resource Manager tells, leaves this machine unless it has that proxy: az, AzCopy, rclone,
object_store, Polars, Spark, and the clients for Go and Java that take an account's name.

Ctrl-C stops it.`;
}
