import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { writeFrame, writeQuery } from "../../src/frames/write-frame.ts";
import { openFolder } from "../../src/lake/open-folder.ts";
import { settle } from "./rig.ts";
import { plantTrips } from "./trips.ts";

// PYTHON=… node test/bench/delta.bench.ts
// A million rows of 10 columns appended to a Delta table of this machine, here and by deltalake from
// Python (with pyarrow and pandas), by turns: from a Parquet file, and from a dataframe in memory.

const ROWS = Number(process.env.ROWS ?? 1_000_000);
const ROUNDS = Number(process.env.ROUNDS ?? 5);

interface Cost {
  readonly cpu: number;
  readonly wall: number;
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "notelake-bench-"));
  process.env.NOTELAKE_CACHE = join(folder, "cache");
  await plantTrips(folder, ROWS);
  const here = openFolder(folder);
  const frame = await loadFrame(here, "trips.parquet");
  const options = { format: "delta", mode: "append" } as const;
  const ours = {
    file: () => writeQuery(here, "ours-file", "from 'trips.parquet'", options),
    frame: () => writeFrame(here, "ours-frame", frame, options),
  };
  const script = join(import.meta.dirname, "delta_contender.py");
  const python = spawn(
    process.env.PYTHON ?? "python3",
    [script, join(folder, "trips.parquet"), join(folder, "theirs")],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const answers = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  const answer = async () => JSON.parse(String((await answers.next()).value));
  console.log(await answer());
  try {
    for (const from of ["file", "frame"] as const) {
      const costs: { ours: Cost[]; theirs: Cost[] } = { ours: [], theirs: [] };
      // The first round warms both up.
      for (let round = 0; round <= ROUNDS; round++) {
        await settle(join(folder, "memory"));
        const cost = await measure(ours[from]);
        await settle(join(folder, "memory"));
        python.stdin.write(`${from}\n`);
        const other: Cost = await answer();
        if (round === 0) continue;
        costs.ours.push(cost);
        costs.theirs.push(other);
      }
      for (const kind of ["wall", "cpu"] as const) {
        const [mine, other] = [median(costs.ours, kind), median(costs.theirs, kind)];
        console.log(
          `${ROWS} rows from a ${from}, ${kind}: ${mine.toFixed(2)} s, deltalake ${other.toFixed(2)} s, ` +
            `${(other / mine).toFixed(2)}x as fast`,
        );
      }
    }
  } finally {
    python.stdin.end();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(work: () => Promise<unknown>): Promise<Cost> {
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { cpu: (user + system) / 1e6, wall: (performance.now() - start) / 1000 };
}

function median(costs: readonly Cost[], kind: keyof Cost): number {
  const sorted = costs.map((cost) => cost[kind]).sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

void main();
