import { type ChildProcess, spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { type Rig, settle, startRig } from "./rig.ts";
import { plantTrips } from "./trips.ts";

// ROWS=1000000 PYTHON=one/bin/python:two/bin/python node --expose-gc test/bench/frames.bench.ts
// From files of the practice lake, over TLS, to dataframes and aggregates. Every contender has a
// process of its own, and they take turns, so that noise hits all alike. A PYTHON has adlfs and
// azure-identity, and of pandas (with pyarrow), polars and duckdb what is to be measured; without
// one, only Node's side runs.

const ROWS = Number(process.env.ROWS ?? 1_000_000);
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const PYTHONS = (process.env.PYTHON ?? "").split(":").filter(Boolean);
const PEERS = ["pandas", "polars", "polars+adlfs", "duckdb"];
// Danfo's own reader needs ten times as long, and for more rows than this more memory than it gets.
const DANFO_ROWS = 1_000_000;

/** What a contender tells of one run. */
interface Run {
  /** Seconds on the clock, and of the contender's process on the processor. */
  readonly wall: number;
  readonly cpu: number;
  /** MiB that the process has held at most so far. */
  readonly peak: number;
  readonly answer: string;
}

interface Contender {
  readonly name: string;
  readonly process: ChildProcess;
  readonly told: AsyncIterator<string>;
  readonly runs: Run[];
}

async function main(): Promise<void> {
  const rig = await startRig((folder) => plantTrips(folder, ROWS));
  try {
    await writeFile(join(rig.folder, "cloud.json"), JSON.stringify(rig.description));
    await writeFile(join(rig.folder, "ca.pem"), rig.description.ca);
    for (const kind of ["CSV", "Parquet"]) {
      const file = `trips.${kind.toLowerCase()}`;
      const danfo = kind === "CSV" && ROWS <= DANFO_ROWS ? ["danfo readCSV, local file"] : [];
      const toFrames = [...danfo, ...twice("notelake, ready"), "notelake, all values made"];
      report(`${kind} of ${ROWS} rows to a dataframe`, await race(rig, file, "frame", toFrames));
      report(
        `${kind} of ${ROWS} rows to an aggregate`,
        await race(rig, file, "totals", twice("notelake query")),
      );
    }
  } finally {
    await rig.close();
  }
}

/** The first time, and again, when a copy is kept here and only its etag is asked for. */
const twice = (name: string) => [name, `${name}, again`];

/** Every peer whose deed it is, and `ours`, in turns. */
async function race(rig: Rig, file: string, deed: string, ours: string[]): Promise<Contender[]> {
  const contenders = await startPeers(rig, file, deed);
  const local = join(rig.folder, "seed/raw", file);
  const script = join(import.meta.dirname, "frames-contender.ts");
  for (const name of ours) {
    const told = [...process.execArgv, script, join(rig.folder, "cloud.json"), name, file, local];
    const contender = await start(process.execPath, told, process.env);
    if (contender) contenders.push(contender);
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const { process: child, told, runs, name } of contenders) {
      if (name.startsWith("danfo") && round > 0) continue;
      await settle(join(rig.folder, "memory"));
      child.stdin?.write("\n");
      const { value } = await told.next();
      if (value === undefined) throw new Error(`${name} ended`);
      runs.push(JSON.parse(value) as Run);
    }
  }
  for (const { process: child } of contenders) child.stdin?.end();
  return contenders;
}

/** Those of the peers that some interpreter has, each version once. */
async function startPeers(rig: Rig, file: string, deed: string): Promise<Contender[]> {
  const found: Contender[] = [];
  const ca = join(rig.folder, "ca.pem");
  const support = join(import.meta.dirname, "../interop/support");
  const env = { ...process.env, PYTHONPATH: support, SSL_CERT_FILE: ca };
  const script = join(import.meta.dirname, "frames_contender.py");
  for (const peer of PEERS) {
    for (const python of PYTHONS) {
      const told = [script, join(rig.folder, "cloud.json"), ca, `${peer} ${deed}`, file];
      const contender = await start(python, told, env);
      if (contender && !found.some(({ name }) => name === contender.name)) found.push(contender);
      else contender?.process.stdin?.end();
    }
  }
  return found;
}

async function start(program: string, told: string[], env: NodeJS.ProcessEnv) {
  const child = spawn(program, told, { env, stdio: ["pipe", "pipe", "inherit"] });
  const lines: Interface = createInterface(child.stdout);
  const iterator = lines[Symbol.asyncIterator]();
  const { value } = await iterator.next();
  if (value === undefined) throw new Error(`${program} ${told.join(" ")} did not start`);
  const { name } = JSON.parse(value) as { name: string | null };
  return name === null ? undefined : { name, process: child, told: iterator, runs: [] };
}

/** Prints medians and bests, and how many times as long as each of ours each takes by the median. */
function report(title: string, contenders: readonly Contender[]): void {
  const answers = new Set(contenders.flatMap(({ runs }) => runs.map(({ answer }) => answer)));
  if (answers.size !== 1) throw new Error(`not the same answer: ${[...answers].join("; ")}`);
  console.log(`\n${title}: ${[...answers][0]}`);
  const walls = ({ runs }: Contender) => runs.map(({ wall }) => wall).sort((a, b) => a - b);
  const median = (contender: Contender) => walls(contender)[contender.runs.length >> 1] ?? 0;
  const mine = contenders.filter(({ name }) => name.startsWith("notelake"));
  console.log(`  by the median, times as long as: ${mine.map(({ name }) => name).join("; ")}`);
  for (const contender of contenders) {
    const { name, runs } = contender;
    const cpu = Math.min(...runs.map((run) => run.cpu));
    const peak = Math.max(...runs.map((run) => run.peak));
    const times = mine.map((own) => `${(median(contender) / median(own)).toFixed(2)}x`);
    console.log(
      `  ${name.padEnd(32)} ${median(contender).toFixed(3)} s (best ${walls(contender)[0]?.toFixed(3)})  ` +
        `cpu ${cpu.toFixed(2)} s  peak ${peak.toFixed(0).padStart(4)} MiB  ${times.join("  ")}`,
    );
  }
}

void main();
