import { compare, plantEmpty, report, startRig } from "./rig.ts";

// node --expose-gc test/bench/lake-list.bench.ts [directories] [files in each]

const DIRECTORIES = Number(process.argv[2] ?? 100);
const FILES = Number(process.argv[3] ?? 1000);

async function main(): Promise<void> {
  const rig = await startRig((seed) => plantEmpty(seed, DIRECTORIES, FILES));
  try {
    const client = rig.stock().getFileSystemClient("raw");
    const counts = new Set<number>();
    const costs = await compare(3, {
      "stock client": async () => {
        let count = 0;
        for await (const path of client.listPaths({ recursive: true })) if (path.name) count++;
        counts.add(count);
      },
      notelake: async () => {
        let count = 0;
        for await (const entry of rig.lake.list("**")) if (entry.path) count++;
        counts.add(count);
      },
    });
    if (counts.size !== 1) throw new Error(`the counts differ: ${[...counts]}`);
    report(`list ${[...counts]} paths in ${DIRECTORIES + 1} directories`, costs);
  } finally {
    await rig.close();
  }
}

void main();
