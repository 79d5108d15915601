import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { clear, compare, type Rig, report, startRig, sync } from "./rig.ts";

// node --expose-gc test/bench/lake-download.bench.ts [megabytes]

const ROUNDS = 7;
const MEGABYTES = Number(process.argv[2] ?? 500);
const run = promisify(execFile);

async function plant(folder: string): Promise<void> {
  const file = await open(join(folder, "big.bin"), "w");
  for (let written = 0; written < MEGABYTES; written++) await file.write(randomBytes(2 ** 20));
  await file.close();
}

/** curl with the token in a file that only this user can read, as an argument shows in `ps`. */
async function curlCommand(rig: Rig, output: string): Promise<string[]> {
  const { port, ca, account } = rig.description;
  const host = `${account}.dfs.core.windows.net`;
  const token = await rig.credential.getToken(rig.cloud.scopes.storage);
  const config = join(rig.folder, "curl.conf");
  const authority = join(rig.folder, "ca.pem");
  await writeFile(config, `header = "Authorization: Bearer ${token?.token}"\n`, { mode: 0o600 });
  await writeFile(authority, ca);
  const resolve = ["--resolve", `${host}:${port}:127.0.0.1`, "--cacert", authority];
  const url = `https://${host}:${port}/raw/big.bin`;
  return ["--silent", "--fail", "--config", config, ...resolve, "--output", output, url];
}

async function main(): Promise<void> {
  const rig = await startRig(plant);
  try {
    const target = join(rig.folder, "target.bin");
    const curl = await curlCommand(rig, target);
    const stock = rig.stock().getFileSystemClient("raw").getFileClient("big.bin");
    const toFile = await compare(
      ROUNDS,
      {
        "stock readToFile": () => stock.readToFile(target),
        "notelake download": () => rig.lake.download("big.bin", target),
        "stock, then synced": async () => {
          await stock.readToFile(target);
          await sync(target);
        },
        "notelake, not synced": () => rig.lake.download("big.bin", target, { durable: false }),
        curl: () => run("curl", curl),
      },
      { before: () => clear(target) },
    );
    report(`${MEGABYTES} MiB to a file`, toFile);
    const toMemory = await compare(ROUNDS, {
      "stock readToBuffer": () => stock.readToBuffer(),
      "notelake read": () => rig.lake.read("big.bin"),
    });
    report(`${MEGABYTES} MiB to memory`, toMemory);
  } finally {
    await rig.close();
  }
}

void main();
