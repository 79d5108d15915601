import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadDanfo } from "../../src/frames/danfo/danfo.ts";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import { openLakeIn } from "../../src/lake/open.ts";
import { cloudOf, deviceCodeCredential } from "../lake/practice-cloud.ts";
import { totalsByCity } from "./trips.ts";

// One contender of frames.bench.ts in a process of its own, so that its peak memory is its own:
// node frames-contender.ts DESCRIPTION CONTENDER FILE ROUNDS [LOCAL_FILE] prints its runs as JSON.

const [, , description = "", contender = "", file = "", rounds = "1", local = ""] = process.argv;

async function main(): Promise<void> {
  const practice = JSON.parse(await readFile(description, "utf8"));
  const danfo = await loadDanfo();
  const lake = openLakeIn(cloudOf(practice), "raw", {
    credential: deviceCodeCredential(practice),
  });
  const loaded = async () => {
    const frame = await loadFrame(lake, file);
    frame.head();
    return frame;
  };
  const works: Record<string, () => Promise<string>> = {
    "danfo readCSV": async () => `${(await danfo.readCSV(local)).shape[0]} rows`,
    ready: async () => `${(await loaded()).shape[0]} rows`,
    values: async () => {
      const frame = await loaded();
      return `${Math.min(...frame.columns.map((name) => frame.column(name).values.length))} rows`;
    },
    totals: async () => {
      const frame = await query(lake, totalsByCity(file));
      const sum = (name: string) =>
        (frame.column(name).values as number[]).reduce((total, value) => total + value, 0);
      return `${frame.shape[0]} groups, ${sum("trips")} trips, ${sum("mean").toFixed(3)}`;
    },
  };
  const work = works[contender];
  if (!work) throw new Error(`no contender ${contender}`);
  const runs: { wall: number; cpu: number; answer: string }[] = [];
  for (let round = 0; round < Number(rounds); round++) {
    process.env.NOTELAKE_CACHE = await mkdtemp(join(tmpdir(), "notelake-bench-cache-"));
    globalThis.gc?.();
    const cpu = process.cpuUsage();
    const start = performance.now();
    const answer = await work();
    const wall = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    runs.push({ wall, cpu: (user + system) / 1e6, answer });
    await rm(process.env.NOTELAKE_CACHE, { recursive: true });
  }
  console.log(JSON.stringify({ runs, peak: process.resourceUsage().maxRSS / 1024 }));
}

void main();
