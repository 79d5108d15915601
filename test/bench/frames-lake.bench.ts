import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { loadFrame } from "../../src/frames/load-frame.ts";
import type { LoadProgress } from "../../src/frames/progress.ts";
import { query } from "../../src/frames/query.ts";
import { addLatency, type Cost, measure, report, startRig } from "./rig.ts";
import { plantMonths, plantTrips } from "./trips.ts";

// node --expose-gc test/bench/frames-lake.bench.ts
// What is spared between the lake and a dataframe: bytes, waiting, and doing it twice.

const ROWS = Number(process.env.ROWS ?? 1_000_000);
const ROUNDS = 5;
const LATENCY = 20;

async function main(): Promise<void> {
  const rig = await startRig(async (folder) => {
    await plantTrips(folder, ROWS);
    await plantMonths(folder, ROWS);
  });
  const { lake } = rig;
  const median = async (work: () => Promise<unknown>, keep = false) => {
    const costs: Cost[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      if (!keep) process.env.NOTELAKE_CACHE = await mkdtemp(join(rig.folder, "cache-"));
      globalThis.gc?.();
      costs.push(await measure(work));
      if (!keep) await rm(process.env.NOTELAKE_CACHE ?? "", { recursive: true });
    }
    return costs.sort((a, b) => a.wall - b.wall)[ROUNDS >> 1] as Cost;
  };
  try {
    process.env.NOTELAKE_CACHE = await mkdtemp(join(rig.folder, "cache-"));
    const { size } = await lake.stat("trips.parquet");
    let moved = 0;
    const onProgress = ({ bytesDone }: LoadProgress) => {
      moved = bytesDone;
    };
    await query(lake, "select city, avg(total), avg(tip) from 'trips.parquet' group by city", {
      onProgress,
    });
    console.log(
      `a query of 3 of 10 columns moves ${moved} of ${size} bytes: ` +
        `${((100 * moved) / size).toFixed(1)} %`,
    );

    for (const file of ["trips.csv", "trips.parquet"]) {
      const load = () => loadFrame(lake, file);
      const first = await median(load);
      process.env.NOTELAKE_CACHE = await mkdtemp(join(rig.folder, "cache-"));
      await load();
      report(`${file} of ${ROWS} rows to a dataframe`, { first, again: await median(load, true) });
    }

    const months = Array.from(
      { length: 12 },
      (_, index) => `months/month=${index + 1}/data_0.parquet`,
    );
    await addLatency(rig, LATENCY);
    report(`12 Parquet files, each request ${LATENCY} ms later`, {
      "one by one": await median(async () => {
        for (const month of months) await loadFrame(lake, month);
      }),
      "the folder": await median(() => loadFrame(lake, "months")),
    });
  } finally {
    await rig.close();
  }
}

void main();
