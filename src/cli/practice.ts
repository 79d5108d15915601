import { resolve } from "node:path";
import { readCommandLine, readPort } from "../core/command-line.ts";
import { clientSettings, startPractice } from "../practice/index.ts";
import { aborted, print } from "./command.ts";

const HELP = `notelake practice

Runs a cloud on this machine that plays Microsoft Entra ID, Resource Manager and
Data Lake Storage, until Ctrl-C.

  --dir DIR      keep the lake in DIR, with its ports, credentials, certificates
                 (all is gone afterwards otherwise); DIR becomes yours alone
  --port PORT    port for https (that of the last run in DIR, else any free one)
`;

export async function run(args: string[], signal: AbortSignal): Promise<number> {
  const { values } = readCommandLine("practice", args, {
    options: {
      dir: { type: "string" },
      port: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return print(HELP);
  const cloud = await startPractice({
    ...(values.dir && { dir: resolve(values.dir) }),
    ...(values.port !== undefined && { port: readPort(values.port) }),
  });
  try {
    const { origin, pages, account, tenantId, users, caFile } = cloud.description;
    print(`Sign-in, resources, lake:  ${origin}
Pages, metadata service:   ${pages}
CA certificate:            ${caFile}
Tenant:                    ${tenantId}
Storage account:           ${account}
People:                    ${users.join(`\n${" ".repeat(27)}`)}

A program of yours uses it with:

export NOTELAKE_PRACTICE=${cloud.settingsFile}

Any program of the Azure SDKs, once it switches instance discovery off, with:

${clientSettings(cloud.description)}

Ctrl-C stops it.`);
    await aborted(signal);
  } finally {
    await cloud.close();
  }
  return 0;
}
