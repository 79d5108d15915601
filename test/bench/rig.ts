import { execFile, fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TokenCredential } from "@azure/core-auth";
import { DataLakeServiceClient, type StoragePipelineOptions } from "@azure/storage-file-datalake";
import { type Cloud, dfsEndpoint, tlsSettings } from "../../src/core/cloud.ts";
import type { Lake } from "../../src/lake/lake.ts";
import { openLakeIn } from "../../src/lake/open-lake-in.ts";
import type { PracticeDescription } from "../../src/practice/index.ts";
import { cloudOf, deviceCodeCredential } from "../lake/practice-client.ts";

/** A practice cloud in its own process, and both clients of it. */
export interface Rig {
  readonly folder: string;
  readonly description: PracticeDescription;
  readonly cloud: Cloud;
  readonly lake: Lake;
  readonly credential: TokenCredential;
  stock(): DataLakeServiceClient;
  close(): Promise<void>;
}

/** @param plant fills the folder that seeds the lake: one folder a file system */
export async function startRig(plant: (seed: string) => Promise<void>): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), "notelake-bench-"));
  const seed = join(folder, "seed");
  await mkdir(join(seed, "raw"), { recursive: true });
  await plant(join(seed, "raw"));
  const server = fork(join(import.meta.dirname, "practice-server.ts"), [seed], {
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const [description] = (await once(server, "message")) as [PracticeDescription];
  const cloud = cloudOf(description);
  const credential = deviceCodeCredential(description);
  return {
    folder,
    description,
    cloud,
    credential,
    lake: openLakeIn(cloud, "raw", { credential }),
    stock: () => {
      const options = { tlsOptions: tlsSettings(cloud) } as StoragePipelineOptions;
      return new DataLakeServiceClient(
        dfsEndpoint(cloud, description.account),
        credential,
        options,
      );
    },
    close: async () => {
      server.disconnect();
      await once(server, "exit");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Tells the practice cloud, over HTTP, to wait before it answers any request of the lake. */
export function addLatency({ description }: Rig, ms: number): Promise<void> {
  const headers = { "content-type": "application/json" };
  return new Promise((resolve, reject) => {
    const url = `${description.pages}/practice/faults`;
    const sent = request(url, { method: "POST", headers }, (response) => {
      response.resume();
      if (response.statusCode === 201) resolve();
      else reject(new Error(`the fault was refused: ${response.statusCode}`));
    });
    sent.on("error", reject);
    sent.end(JSON.stringify({ on: "lake", kind: "delay", ms }));
  });
}

/** What one run of something cost. */
export interface Cost {
  /** Seconds on the clock. */
  readonly wall: number;
  /** Seconds of this process on the processor. */
  readonly cpu: number;
  /** MiB by which the process grew at most while it ran. */
  readonly memory: number;
}

/** Runs `work` once and tells what it cost. */
export async function measure(work: () => Promise<unknown>): Promise<Cost> {
  const before = process.memoryUsage.rss();
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 5);
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const wall = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  clearInterval(watch);
  most = Math.max(most, process.memoryUsage.rss());
  return { wall, cpu: (user + system) / 1e6, memory: (most - before) / 2 ** 20 };
}

/** The best of several runs. */
export interface Best extends Cost {
  /** Seconds on the clock that half of the runs stayed below. */
  readonly median: number;
}

/** How contenders are compared. */
export interface CompareOptions {
  /** Which cost is to be the least. Default: `wall`. */
  readonly by?: "wall" | "cpu";
  /** Done before every run, at nobody's cost: takes away what the last one left. */
  readonly before?: () => Promise<unknown>;
}

/** The run of each kind that cost least, taking turns so that noise hits all alike. */
export async function compare(
  rounds: number,
  works: Readonly<Record<string, () => Promise<unknown>>>,
  { by = "wall", before = async () => {} }: CompareOptions = {},
): Promise<Record<string, Best>> {
  const costs = Object.entries(works).map(([name, work]) => ({ name, work, all: [] as Cost[] }));
  for (let round = 0; round < rounds; round++) {
    for (const { work, all } of costs) {
      await before();
      globalThis.gc?.();
      all.push(await measure(work));
    }
  }
  const best = costs.map(({ name, all }): [string, Best] => {
    const walls = all.map(({ wall }) => wall).sort((a, b) => a - b);
    const [least] = all.sort((a, b) => a[by] - b[by]);
    if (!least) throw new RangeError("no rounds");
    return [name, { ...least, median: walls[walls.length >> 1] ?? 0 }];
  });
  return Object.fromEntries(best);
}

/** Prints costs, each beside how many times as fast as the first it is, best and median. */
export function report(title: string, costs: Readonly<Record<string, Best>>): void {
  console.log(`\n${title}`);
  const [base] = Object.values(costs);
  if (!base) return;
  for (const [name, { wall, median, cpu, memory }] of Object.entries(costs)) {
    const ratio = `${(base.wall / wall).toFixed(2)}x (median ${(base.median / median).toFixed(2)}x)`;
    const cpuRatio = cpu > 0 ? `${(base.cpu / cpu).toFixed(2)}x cpu` : "";
    console.log(
      `  ${name.padEnd(28)} ${wall.toFixed(3)} s (median ${median.toFixed(3)})  ` +
        `cpu ${cpu.toFixed(2)} s  +${memory.toFixed(0)} MiB  ${ratio}  ${cpuRatio}`,
    );
  }
}

/** Files of zero bytes, so many to a directory. */
export function plantEmpty(folder: string, directories: number, files: number): Promise<void> {
  return plantMany(join(folder, "many"), directories, files, Buffer.alloc(0));
}

/** Files of 1 KiB, so many to a directory. */
export function plantSmall(folder: string, directories: number, files: number): Promise<void> {
  return plantMany(join(folder, "small"), directories, files, Buffer.alloc(1024, "small "));
}

async function plantMany(folder: string, directories: number, files: number, content: Buffer) {
  for (let d = 0; d < directories; d++) {
    const inside = join(folder, String(d).padStart(4, "0"));
    await mkdir(inside, { recursive: true });
    const names = Array.from({ length: files }, (_, f) => join(inside, `part-${f}.parquet`));
    while (names.length > 0) {
      await Promise.all(names.splice(-1000).map((name) => writeFile(name, content)));
    }
  }
}

/** Waits until a file is on the disk, as a download of the lake does and the others do not. */
export async function sync(file: string): Promise<void> {
  const handle = await open(file, "r");
  await handle.sync().finally(() => handle.close());
}

/** Removes a file, so that the next contender starts with none, and with memory and a disk at rest. */
export async function clear(file: string): Promise<void> {
  await rm(file, { force: true });
  await settle(`${file}.memory`);
}

/**
 * Waits until the disk has nothing left to do, and takes memory from the host. A virtual machine
 * gives memory that is free for a second or two back to its host, and gets it again slowly: whoever
 * comes after a slow contender would wait for what the one after a quick one finds ready.
 *
 * @param file a name to use for a moment
 */
export async function settle(file: string): Promise<void> {
  const memory = await open(file, "w");
  const piece = Buffer.alloc(2 ** 20);
  for (let written = 0; written < MEMORY; written++) await memory.write(piece);
  await memory.close();
  await rm(file);
  await promisify(execFile)("sync");
}

/** MiB, more than any contender needs. */
const MEMORY = 1536;
