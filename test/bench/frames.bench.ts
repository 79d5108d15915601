import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Rig, startRig } from "./rig.ts";
import { plantTrips } from "./trips.ts";

// ROWS=1000000 PYTHON=one/bin/python:two/bin/python node --expose-gc test/bench/frames.bench.ts
// From files of the practice lake, over TLS, to dataframes and aggregates; every contender in a
// process of its own, the median of ROUNDS. A PYTHON has adlfs and azure-identity, and of pandas
// (with pyarrow), polars and duckdb what is to be measured; without one, only Node's side runs.

const ROWS = Number(process.env.ROWS ?? 1_000_000);
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const PYTHONS = (process.env.PYTHON ?? "").split(":").filter(Boolean);
const PEERS = ["pandas", "polars", "polars+adlfs", "duckdb"];
// Danfo's own reader needs ten times as long, and for more rows than this more memory than it gets.
const DANFO_ROWS = 1_000_000;

/** What a contender's process prints. */
interface Outcome {
  readonly name: string;
  readonly runs: readonly { wall: number; cpu: number; answer: string }[];
  /** MiB that the process held at most. */
  readonly peak: number;
}

const run = promisify(execFile);

async function main(): Promise<void> {
  const rig = await startRig((folder) => plantTrips(folder, ROWS));
  try {
    const description = join(rig.folder, "cloud.json");
    await writeFile(description, JSON.stringify(rig.description));
    await writeFile(join(rig.folder, "ca.pem"), rig.description.ca);
    for (const kind of ["CSV", "Parquet"]) {
      const file = `trips.${kind.toLowerCase()}`;
      const frames = [...(await peers(rig, file, "frame"))];
      if (kind === "CSV" && ROWS <= DANFO_ROWS) {
        frames.unshift(await ours(rig, "danfo readCSV", file, "danfo readCSV, local file", 1));
      }
      frames.push(await ours(rig, "ready", file, "notelake, ready"));
      frames.push(await ours(rig, "values", file, "notelake, all values made"));
      report(`${kind} of ${ROWS} rows to a dataframe`, frames);
      const totals = [...(await peers(rig, file, "totals"))];
      totals.push(await ours(rig, "totals", file, "notelake query"));
      report(`${kind} of ${ROWS} rows to an aggregate`, totals);
    }
  } finally {
    await rig.close();
  }
}

async function ours(rig: Rig, contender: string, file: string, name: string, rounds = ROUNDS) {
  const script = join(import.meta.dirname, "frames-contender.ts");
  const local = join(rig.folder, "seed/raw", file);
  const told = [join(rig.folder, "cloud.json"), contender, file, String(rounds), local];
  const { stdout } = await run(process.execPath, [...process.execArgv, script, ...told]);
  return { ...JSON.parse(stdout), name } as Outcome;
}

/** Those of the peers that some interpreter has, each version once. */
async function peers(rig: Rig, file: string, deed: string): Promise<Iterable<Outcome>> {
  const found = new Map<string, Outcome>();
  const ca = join(rig.folder, "ca.pem");
  const support = join(import.meta.dirname, "../judges/support");
  const env = { ...process.env, PYTHONPATH: support, SSL_CERT_FILE: ca };
  const script = join(import.meta.dirname, "frames_contender.py");
  for (const peer of PEERS) {
    for (const python of PYTHONS) {
      const told = [join(rig.folder, "cloud.json"), ca, `${peer} ${deed}`, file, String(ROUNDS)];
      const { stdout } = await run(python, [script, ...told], { env });
      const outcome = JSON.parse(stdout) as Outcome;
      if (outcome.name && !found.has(outcome.name)) found.set(outcome.name, outcome);
    }
  }
  return found.values();
}

/** Prints medians, each beside how many times as fast as each peer the last ones are. */
function report(title: string, outcomes: readonly Outcome[]): void {
  const answers = new Set(outcomes.flatMap(({ runs }) => runs.map(({ answer }) => answer)));
  if (answers.size !== 1) throw new Error(`not the same answer: ${[...answers].join("; ")}`);
  console.log(`\n${title}: ${[...answers][0]}`);
  const mine = outcomes.filter(({ name }) => name.startsWith("notelake"));
  for (const { name, runs, peak } of outcomes) {
    const wall = median(runs.map((each) => each.wall));
    const cpu = median(runs.map((each) => each.cpu));
    const times = mine.map((own) => (wall / median(own.runs.map((each) => each.wall))).toFixed(2));
    console.log(
      `  ${name.padEnd(32)} ${wall.toFixed(3)} s  cpu ${cpu.toFixed(2)} s  ` +
        `peak ${peak.toFixed(0).padStart(4)} MiB  ${times.map((each) => `${each}x`).join("  ")}`,
    );
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

void main();
