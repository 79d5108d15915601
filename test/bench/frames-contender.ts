import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { loadDanfo } from "../../src/frames/danfo/load-danfo.ts";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import { openLakeIn } from "../../src/lake/open-lake-in.ts";
import { cloudOf, deviceCodeCredential } from "../lake/practice-client.ts";
import { totalsByCity } from "./trips.ts";

// One contender of frames.bench.ts in a process of its own, so that its peak memory is its own:
// node frames-contender.ts DESCRIPTION CONTENDER FILE LOCAL_FILE prints its name, and for every line
// that it is sent what one run cost, as JSON.

const [, , description = "", contender = "", file = "", local = ""] = process.argv;

async function main(): Promise<void> {
  const practice = JSON.parse(await readFile(description, "utf8"));
  const lake = openLakeIn(cloudOf(practice), "raw", {
    credential: deviceCodeCredential(practice),
  });
  const loaded = async () => {
    const frame = await loadFrame(lake, file);
    frame.head();
    return frame;
  };
  const ready = async () => `${(await loaded()).shape[0]} rows`;
  const totals = async () => {
    const frame = await query(lake, totalsByCity(file));
    const sum = (name: string) =>
      (frame.column(name).values as number[]).reduce((total, value) => total + value, 0);
    return `${frame.shape[0]} groups, ${sum("trips")} trips, ${sum("mean").toFixed(3)}`;
  };
  const works: Record<string, () => Promise<string>> = {
    "danfo readCSV, local file": async () =>
      `${(await (await loadDanfo()).readCSV(local)).shape[0]} rows`,
    "notelake, ready": ready,
    "notelake, ready, again": ready,
    "notelake, all values made": async () => {
      const frame = await loaded();
      return `${Math.min(...frame.columns.map((name) => frame.column(name).values.length))} rows`;
    },
    "notelake query": totals,
    "notelake query, again": totals,
  };
  const work = works[contender];
  if (!work) throw new Error(`no contender ${contender}`);
  // Emptied before each run, rather than another one: with its folder the engine would be another, too,
  // and the others do not load theirs anew.
  const cache = await mkdtemp(join(tmpdir(), "notelake-bench-cache-"));
  process.env.NOTELAKE_CACHE = cache;
  const again = contender.endsWith(", again");
  if (again) await work();
  if (contender.startsWith("danfo")) await loadDanfo();
  const tell = (facts: object) => console.log(JSON.stringify(facts));
  tell({ name: contender });
  for await (const _ of createInterface(process.stdin)) {
    if (!again) await empty(cache);
    globalThis.gc?.();
    // The collector's threads go on for a while: that is nobody's cost.
    await sleep(100);
    const before = process.cpuUsage();
    const start = performance.now();
    const answer = await work();
    const wall = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(before);
    const peak = process.resourceUsage().maxRSS / 1024;
    tell({ wall, cpu: (user + system) / 1e6, peak, answer });
  }
  await rm(cache, { recursive: true, maxRetries: 9 });
}

async function empty(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    await rm(join(folder, name), { recursive: true, maxRetries: 9 });
  }
}

void main();
