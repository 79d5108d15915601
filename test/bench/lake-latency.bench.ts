import { open } from "node:fs/promises";
import { join } from "node:path";
import { addLatency, clear, compare, plantSmall, report, startRig, sync } from "./rig.ts";

// node --expose-gc test/bench/lake-latency.bench.ts

const MEGABYTES = 500;
const SMALL = 10_000;
const LATENCY = 20;

async function plant(folder: string): Promise<void> {
  const file = await open(join(folder, "big.bin"), "w");
  for (let written = 0; written < MEGABYTES; written++) await file.write(Buffer.alloc(2 ** 20, 7));
  await file.close();
  await plantSmall(folder, 100, SMALL / 100);
}

async function main(): Promise<void> {
  const rig = await startRig(plant);
  try {
    const client = rig.stock().getFileSystemClient("raw");
    // A file system makes new files slowly for a while after many were removed: nothing is.
    let folders = 0;
    const small = await compare(3, {
      "stock, one by one": async () => {
        for await (const { name = "", isDirectory } of client.listPaths({
          path: "small",
          recursive: true,
        })) {
          if (!isDirectory) await client.getFileClient(name).readToBuffer();
        }
      },
      "notelake download": () => rig.lake.download("small", join(rig.folder, `small-${folders++}`)),
      "notelake read, 32 at a time": async () => {
        const names: string[] = [];
        for await (const { kind, path } of rig.lake.list("small/**")) {
          if (kind === "file") names.push(path);
        }
        const worker = async () => {
          for (let name = names.pop(); name; name = names.pop()) await rig.lake.read(name);
        };
        await Promise.all(Array.from({ length: 32 }, worker));
      },
    });
    report(`${SMALL} files of 1 KiB`, small);

    await addLatency(rig, LATENCY);
    const target = join(rig.folder, "target");
    const far = await compare(
      5,
      {
        "stock readToFile": () => client.getFileClient("big.bin").readToFile(target),
        "notelake download": () => rig.lake.download("big.bin", target),
        "stock, then synced": async () => {
          await client.getFileClient("big.bin").readToFile(target);
          await sync(target);
        },
        "notelake, not synced": () => rig.lake.download("big.bin", target, { durable: false }),
      },
      { before: () => clear(target) },
    );
    report(`${MEGABYTES} MiB to a file, each request ${LATENCY} ms later`, far);
  } finally {
    await rig.close();
  }
}

void main();
