import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import type { LoadProgress } from "../../src/frames/cache/load-progress.ts";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import { addLatency, compare, report, settle, startRig } from "./rig.ts";
import { plantMonths, plantTrips } from "./trips.ts";

// node --expose-gc test/bench/frames-lake.bench.ts
// What is spared between the lake and a dataframe: bytes, waiting, and doing it twice.

const ROWS = Number(process.env.ROWS ?? 1_000_000);
const ROUNDS = 5;
const LATENCY = 20;
const MONTHS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
// The more rows, the more of the time is work that waiting at once does not spare.
const PARTITIONED = [ROWS / 10, ROWS];

async function main(): Promise<void> {
  const rig = await startRig(async (folder) => {
    await plantTrips(folder, ROWS);
    for (const rows of PARTITIONED) await plantMonths(join(folder, `months-${rows}`), rows);
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

    await addLatency(rig, LATENCY);
    for (const rows of PARTITIONED) {
      const files = MONTHS.map((month) => `months-${rows}/month=${month}/data_0.parquet`);
      const loads = await compare(ROUNDS, {
        "one by one": cold(async () => {
          for (const file of files) await loadFrame(lake, file);
        }),
        "the folder": cold(() => loadFrame(lake, `months-${rows}`)),
      });
      report(`12 Parquet files of ${rows} rows in all, each request ${LATENCY} ms later`, loads);
    }
  } finally {
    await rig.close();
  }
}

void main();
