import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { readCommandLine, readPort } from "../core/command-line.ts";
import { clientSettings, startPractice, writeDescription } from "../practice/index.ts";
import { aborted, print } from "./command.ts";

const HELP = `notelake practice

Runs a cloud on this machine that plays Microsoft Entra ID, Resource Manager and
Data Lake Storage, until Ctrl-C.

  --dir DIR      keep the lake in DIR (otherwise it is gone afterwards)
  --port PORT    port for https (one that the system picks)
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
  const folder = await mkdtemp(join(tmpdir(), "notelake-practice-cli-"));
  try {
    const file = join(folder, "practice.json");
    const ca = join(folder, "ca.pem");
    writeDescription(file, cloud.description);
    await writeFile(ca, cloud.description.ca);
    const { origin, pages, account, tenantId, users } = cloud.description;
    print(`Authority, Resource Manager, storage: ${origin}
Pages for people, metadata service:   ${pages}
CA certificate:                       ${ca}
Tenant:                               ${tenantId}
Storage account:                      ${account}
People:                               ${users.join(", ")}

A program of yours uses it with:  NOTELAKE_PRACTICE=${file}
Any program of the Azure SDKs, once it switches instance discovery off, with:

${clientSettings(cloud.description, ca)}

Ctrl-C stops it.`);
    await aborted(signal);
  } finally {
    await cloud.close();
    await rm(folder, { recursive: true });
  }
  return 0;
}
