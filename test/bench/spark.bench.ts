import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { DataFrame } from "../../src/frames/danfo/danfo-module.ts";
import { query } from "../../src/frames/query.ts";
import { connectSpark } from "../../src/spark/connect-spark.ts";
import { engineFolder, startLocalCluster } from "../../src/spark/local-cluster.ts";
import type { SparkSession } from "../../src/spark/spark-session.ts";
import { differenceOf } from "../interop/spark/compare.ts";
import { type Rig, startRig } from "./rig.ts";
import { plantMonths } from "./trips.ts";

// ROWS=5000000,20000000 PYTHON=bin/python node --expose-gc test/bench/spark.bench.ts
// The same questions to this machine and to a Sail of two workers, over files of the practice lake;
// then what the client itself costs: all rows of a result to a dataframe, beside pyspark's
// toPandas. PYTHON has pyspark-client, pandas, pyarrow and grpcio-status; without one, only Node's
// side runs. Processor times are this process's and the engine's together, without the lake's.

const ROWS = (process.env.ROWS ?? "5000000,20000000").split(",").map(Number);
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const { PYTHON } = process.env;
const RESULT =
  "select id, id * 1.5d as fare, cast(id as string) as name, id % 7 = 0 as late from range(1000000)";

const QUESTIONS = (files: string): Readonly<Record<string, string>> => ({
  "a group of 61": `select city, count(*) as n, avg(total) as mean from '${files}' group by city order by city`,
  "a group of 5,000": `select driver, sum(fare) as fares, max(tip) as tip from '${files}' group by driver order by driver`,
  "a distinct count": `select count(*) as n from (select distinct id % 3000017 as k from '${files}')`,
  "a window": `select max(n) as n from (select row_number() over (partition by driver order by pickup, id) as n from '${files}')`,
});

/** What one run cost. */
interface Cost {
  /** Seconds on the clock. */
  readonly wall: number;
  /** Seconds on the processor, of all processes that work for it. */
  readonly cpu: number;
}

async function main(): Promise<void> {
  const rig = await startRig(async (folder) => {
    for (const rows of ROWS) await plantMonths(join(folder, `rides-${rows}`), rows);
  });
  const { cloud, credential } = rig;
  await using cluster = await startLocalCluster({
    cloud,
    tokens: async () => {
      const token = await credential.getToken(cloud.scopes.storage);
      if (!token) throw new Error("no token");
      return token;
    },
    reader: "the bench",
    folder: engineFolder(),
    say: console.log,
  });
  const spark = await connectSpark({ url: cluster.url });
  const engine = await pidOfEngine();
  try {
    for (const rows of ROWS) await askBoth(rig, spark, engine, rows);
    await fetchRows(spark, engine, cluster.url);
    await spark.close();
  } finally {
    await rig.close();
  }
}

async function askBoth(
  { lake, folder }: Rig,
  spark: SparkSession,
  engine: number,
  rows: number,
): Promise<void> {
  const files = `rides-${rows}/**/*.parquet`;
  console.log(`\n${rows.toLocaleString("en")} rows in 12 files`);
  for (const [name, sql] of Object.entries(QUESTIONS(files))) {
    let first: DataFrame | undefined;
    const ask = async (work: () => Promise<DataFrame>) => {
      const answer = await work();
      first ??= answer;
      const difference = differenceOf(first, answer);
      if (difference) throw new Error(`the answers to ${name} differ: ${difference}`);
    };
    const costs = await compare(engine, {
      "here, first time": async () => {
        process.env.NOTELAKE_CACHE = await mkdtemp(join(folder, "cache-"));
        await ask(() => query(lake, sql));
      },
      "here, files cached": () => ask(() => query(lake, sql)),
      "Sail, two workers": () => ask(() => spark.query(lake, sql)),
    });
    report(name, costs);
  }
}

async function fetchRows(spark: SparkSession, engine: number, url: string): Promise<void> {
  const python = PYTHON ? await startPython(PYTHON, url) : undefined;
  const costs = await compare(
    engine,
    {
      ...(python && { "pyspark, toPandas": python.run }),
      "notelake, to a dataframe": async () => {
        const { shape } = await spark.sql(RESULT, { maxRows: Number.POSITIVE_INFINITY });
        if (shape[0] !== 1_000_000) throw new Error(`${shape[0]} rows`);
      },
    },
    (name) => (name.startsWith("pyspark") ? python?.pid : process.pid),
  );
  python?.child.stdin?.end();
  report(
    "all of 1,000,000 rows of 4 columns to the client; processor time of the client alone",
    costs,
  );
}

/** A client in Python that fetches once for every line that it is sent. */
async function startPython(python: string, url: string) {
  const child: ChildProcess = spawn(python, ["-c", CLIENT, url, RESULT], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  if (!child.stdout || !child.stdin) throw new Error("no pipes");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const run = async () => {
    child.stdin?.write("\n");
    const { value } = await lines.next();
    if (value !== "1000000") throw new Error(`pyspark says ${value}`);
  };
  return { child, run, pid: Number(child.pid) };
}

const CLIENT = `
import sys
from pyspark.sql import SparkSession
spark = SparkSession.builder.remote(sys.argv[1]).getOrCreate()
for _ in sys.stdin:
    print(len(spark.sql(sys.argv[2]).toPandas()), flush=True)
`;

/** Runs each in turn, so that noise hits all alike; the least of each. */
async function compare(
  engine: number,
  works: Readonly<Record<string, () => Promise<unknown>>>,
  clientOf?: (name: string) => number | undefined,
): Promise<Record<string, Cost>> {
  const least: Record<string, Cost> = {};
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, work] of Object.entries(works)) {
      globalThis.gc?.();
      const pids = clientOf ? [clientOf(name) ?? 0] : [process.pid, engine];
      const before = await processorTime(pids);
      const started = performance.now();
      await work();
      const wall = (performance.now() - started) / 1000;
      const cpu = (await processorTime(pids)) - before;
      const known = least[name];
      least[name] = {
        wall: Math.min(wall, known?.wall ?? wall),
        cpu: Math.min(cpu, known?.cpu ?? cpu),
      };
    }
  }
  return least;
}

function report(title: string, costs: Readonly<Record<string, Cost>>): void {
  console.log(`\n  ${title}`);
  const [base] = Object.values(costs);
  if (!base) return;
  for (const [name, { wall, cpu }] of Object.entries(costs)) {
    const ratios = `${(wall / base.wall).toFixed(2)} of the first, processor ${(cpu / base.cpu).toFixed(2)}`;
    console.log(
      `    ${name.padEnd(26)} ${wall.toFixed(2)} s, processor ${cpu.toFixed(2)} s: ${ratios}`,
    );
  }
}

async function pidOfEngine(): Promise<number> {
  for (const name of await readdir("/proc")) {
    const status = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
    const [, parent] = /\) \S (\d+)/.exec(status) ?? [];
    if (Number(parent) !== process.pid) continue;
    const command = await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "");
    if (command.includes("SparkConnectServer")) return Number(name);
  }
  throw new Error("the engine is no child of this process");
}

const TICKS_PER_SECOND = 100;

/** Seconds that processes have had, their ended children with them, as /proc tells. */
async function processorTime(pids: readonly number[]): Promise<number> {
  let ticks = 0;
  for (const pid of pids) {
    const status = await readFile(`/proc/${pid}/stat`, "utf8");
    const fields = status.slice(status.lastIndexOf(")") + 2).split(" ");
    ticks += fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  }
  return ticks / TICKS_PER_SECOND;
}

await main();
