import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { loadFrame } from "../../src/frames/load-frame.ts";
import type { LoadProgress } from "../../src/frames/progress.ts";
import { query } from "../../src/frames/query.ts";
import { addLatency, compare, report, settle, startRig } from "./rig.ts";
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
  const newCache = () => mkdtemp(join(rig.folder, "cache-"));
  const before = () => settle(join(rig.folder, "memory"));
  const cold = (work: () => Promise<unknown>) => async () => {
    process.env.NOTELAKE_CACHE = await newCache();
    await work();
  };
  try {
    process.env.NOTELAKE_CACHE = await newCache();
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
      const kept = await newCache();
      const again = async () => {
        process.env.NOTELAKE_CACHE = kept;
        await load();
      };
      await again();
      const title = `${file} of ${ROWS} rows to a dataframe`;
      report(title, await compare(ROUNDS, { first: cold(load), again }, { before }));
    }

    const months = Array.from(
      { length: 12 },
      (_, index) => `months/month=${index + 1}/data_0.parquet`,
    );
    await addLatency(rig, LATENCY);
    const loads = await compare(
      ROUNDS,
      {
        "one by one": cold(async () => {
          for (const month of months) await loadFrame(lake, month);
        }),
        "the folder": cold(() => loadFrame(lake, "months")),
      },
      { before },
    );
    report(`12 Parquet files, each request ${LATENCY} ms later`, loads);
  } finally {
    await rig.close();
  }
}

void main();
