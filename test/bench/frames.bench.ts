import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { DuckDBInstance } from "@duckdb/node-api";
import { loadDanfo } from "../../src/frames/danfo/danfo.ts";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import { type Cost, measure, report, startRig } from "./rig.ts";

// ROWS=1000000 PYTHON=venv/bin/python node --expose-gc test/bench/frames.bench.ts
// PYTHON has pandas, pyarrow, polars, adlfs and azure-identity; without it only Node's side runs.

const ROWS = Number(process.env.ROWS ?? 1_000_000);
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const SQL = (file: string) =>
  `select city, count(*) as trips, avg(total) as mean from '${file}' group by city order by city`;

/** Taxi-like rows, the same at every run: 10 columns with text and nulls. */
async function plant(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const engine = await (await DuckDBInstance.create(":memory:", { threads: "1" })).connect();
  await engine.run(`create table trips as select i as id, (1 + hash(i) % 6)::bigint as passengers,
    round((hash(i * 3) % 100000) / 1000, 2) as distance, round((hash(i * 7) % 900000) / 10000 + 3, 2) as fare,
    'driver ' || (hash(i * 11) % 5000) as driver, if(i % 17 = 0, null, 'city ' || (hash(i * 13) % 60)) as city,
    timestamp '2024-01-01' + to_seconds(i * 5) as pickup, date '2024-01-01' + (i // 17280)::int as day,
    if(i % 5 = 0, null, (hash(i * 19) % 400)::bigint) as tip, round((hash(i * 23) % 1000000) / 7000, 3) as total
    from range(${ROWS}) t(i)`);
  await engine.run(`copy trips to '${join(folder, "trips.csv")}' (format csv, header)`);
  await engine.run(`copy trips to '${join(folder, "trips.parquet")}' (format parquet)`);
}

async function main(): Promise<void> {
  const rig = await startRig(plant);
  const cold = async (work: () => Promise<unknown>) => {
    process.env.NOTELAKE_CACHE = await mkdtemp(join(rig.folder, "cache-"));
    globalThis.gc?.();
    const cost = await measure(work);
    await rm(process.env.NOTELAKE_CACHE, { recursive: true });
    return cost;
  };
  const median = async (work: () => Promise<unknown>, rounds = ROUNDS) => {
    const costs: Cost[] = [];
    for (let round = 0; round < rounds; round++) costs.push(await cold(work));
    return costs.sort((a, b) => a.wall - b.wall)[costs.length >> 1] as Cost;
  };
  try {
    const danfo = await loadDanfo();
    const { lake } = rig;
    const peers = await peersOf(rig.description);
    const ready = async (place: string) => {
      const frame = await loadFrame(lake, place);
      frame.head();
      if (frame.shape[0] !== ROWS) throw new Error(`${frame.shape[0]} rows`);
      return frame;
    };
    const whole = async (place: string) => {
      const frame = await ready(place);
      for (const name of frame.columns) frame.column(name);
    };
    const local = join(rig.folder, "seed/raw/trips.csv");
    const csv: Record<string, Cost> = {};
    if (ROWS <= 1_000_000)
      csv["danfo readCSV, local file"] = await cold(() => danfo.readCSV(local));
    Object.assign(csv, peers.csv);
    csv["notelake, ready"] = await median(() => ready("trips.csv"));
    csv["notelake, all values made"] = await median(() => whole("trips.csv"));
    report(`CSV of ${ROWS} rows to a dataframe`, csv);
    report(`CSV of ${ROWS} rows to an aggregate`, {
      ...peers.csvAggregate,
      "notelake query": await median(() => query(lake, SQL("trips.csv"))),
    });
    report(`Parquet of ${ROWS} rows to an aggregate`, {
      ...peers.parquetAggregate,
      "notelake query": await median(() => query(lake, SQL("trips.parquet"))),
    });
    report(`Parquet of ${ROWS} rows to a dataframe`, {
      ...peers.parquet,
      "notelake, ready": await median(() => ready("trips.parquet")),
      "notelake, all values made": await median(() => whole("trips.parquet")),
    });
    console.log(
      `peak memory of this process: ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`,
    );
  } finally {
    await rig.close();
  }

  async function peersOf(description: {
    ca: string;
  }): Promise<Record<string, Record<string, Cost>>> {
    const python = process.env.PYTHON;
    if (!python) return {};
    const file = join(rig.folder, "cloud.json");
    const ca = join(rig.folder, "ca.pem");
    await writeFile(file, JSON.stringify(description));
    await writeFile(ca, description.ca);
    const script = join(import.meta.dirname, "frames_peers.py");
    const support = join(import.meta.dirname, "../judges/support");
    const env = { ...process.env, PYTHONPATH: support, SSL_CERT_FILE: ca };
    const run = promisify(execFile);
    const { stdout } = await run(python, [script, file, ca, String(ROUNDS)], { env });
    return JSON.parse(stdout);
  }
}

void main();
