import { compare, plantEmpty, report, startRig } from "./rig.ts";

// node --expose-gc test/bench/lake-list.bench.ts

async function list(directories: number, files: number): Promise<void> {
  const rig = await startRig((seed) => plantEmpty(seed, directories, files));
  try {
    const client = rig.stock().getFileSystemClient("raw");
    const counts = new Set<number>();
    const costs = await compare(5, {
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
    report(`list ${[...counts]} paths in ${directories + 1} directories`, costs);
  } finally {
    await rig.close();
  }
}

async function main(): Promise<void> {
  await list(100, 1000);
  await list(1, 100_000);
}

void main();
