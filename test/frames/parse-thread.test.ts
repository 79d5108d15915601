import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { utils, write } from "@e965/xlsx";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import { beforeAll, describe, expect, it } from "vitest";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import { FolderLake } from "./folder-lake.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
const lake = new FolderLake(folder);

const PROGRAM = new URL("../../src/frames/read/parse-thread.ts", import.meta.url).href;

function workbook(rows: number, columns: number): Buffer {
  const book = utils.book_new();
  const line = Array.from({ length: columns }, (_, column) => `c${column}`);
  const lines = Array.from({ length: rows }, (_, row) => line.map((_, column) => row + column / 8));
  utils.book_append_sheet(book, utils.aoa_to_sheet([line, ...lines], { dense: true }));
  return write(book, { type: "buffer", compression: true }) as Buffer;
}

/** Numbers that the engine would round, so that a copy is made. */
function rounded(rows: number): string {
  return '{"a":0.12345678901234567890,"b":[1,2,{"c":"d"}]}\n'.repeat(rows);
}

const LARGE = {
  "large.xlsx": () => workbook(14_000, 12),
  "large.ndjson": () => rounded(200_000),
  "large.ndjson.gz": () => gzipSync(rounded(200_000), { level: 1 }),
  "large.arrow": () =>
    tableToIPC(
      tableFromArrays({
        a: Float64Array.from({ length: 1_000_000 }, (_, row) => row / 7),
        b: Int32Array.from({ length: 1_000_000 }, (_, row) => row),
      }),
    ),
};

const milliseconds = ({ user, system }: NodeJS.CpuUsage) => (user + system) / 1000;

/**
 * How a load ended that was given up after some milliseconds of processor time, what it still took
 * after that, and the most that it took of the main thread at once. Nothing here is by the clock: others
 * may be at work too.
 */
async function giveUp(name: string, after: number) {
  const stop = new AbortController();
  const reason = new Error("enough");
  const start = process.cpuUsage();
  let stopped: NodeJS.CpuUsage | undefined;
  let longest = 0;
  let last = process.threadCpuUsage();
  const timer = setInterval(() => {
    longest = Math.max(longest, milliseconds(process.threadCpuUsage(last)));
    last = process.threadCpuUsage();
    if (stopped || milliseconds(process.cpuUsage(start)) < after) return;
    stopped = process.cpuUsage();
    stop.abort(reason);
  }, 5);
  const error = await loadFrame(lake, name, { signal: stop.signal }).catch((e) => e);
  clearInterval(timer);
  return { error, reason, took: milliseconds(process.cpuUsage(stopped)), longest };
}

describe("parsing ends when it is told to, and keeps nobody waiting", () => {
  beforeAll(async () => {
    // What is loaded but once keeps everybody waiting.
    await lake.write("first.csv", "a\n1\n");
    await loadFrame(lake, "first.csv");
  });

  it.each(Object.entries(LARGE))("%s", async (name, make) => {
    const content = make();
    await lake.write(name, content);
    const start = process.cpuUsage();
    await loadFrame(lake, name);
    const whole = milliseconds(process.cpuUsage(start));
    // Another version, which nobody knows yet.
    await lake.write(name, content);
    const { error, reason, took, longest } = await giveUp(name, whole / 4);
    expect(error).toBe(reason);
    expect(took).toBeLessThan(whole / 2);
    expect(longest).toBeLessThan(whole / 2);
    const left = await readdir(`${folder}/cache`, { recursive: true });
    expect(left.filter((path) => /as-text\.[-\w]{36}$/.test(path))).toEqual([]);
  });

  it("and a signal that was given already", async () => {
    await lake.write("small.xlsx", workbook(2, 2));
    const signal = AbortSignal.abort(new Error("before"));
    await expect(loadFrame(lake, "small.xlsx", { signal })).rejects.toThrow("before");
    const asked = query(lake, "from 'small.xlsx'", { signal });
    await expect(asked).rejects.toThrow("before");
  });
});

describe("a parser in a thread", () => {
  it("serves calls after one that was given up, several at a time", async () => {
    await lake.write("wide.xlsx", workbook(10_000, 12));
    const given = giveUp("wide.xlsx", 100);
    await lake.write("small.xlsx", workbook(2, 2));
    const loads = Array.from({ length: 4 }, () => loadFrame(lake, "small.xlsx"));
    const expected = [
      [0, 0.125],
      [1, 1.125],
    ];
    for (const load of loads) expect((await load).values).toEqual(expected);
    expect((await given).error.message).toBe("enough");
    expect((await loadFrame(lake, "wide.xlsx")).shape).toEqual([10_000, 12]);
  });

  it("makes of a large file what a small one gives, to the last digit", async () => {
    const lines = '{"a":0.12345678901234567890,"b":9007199254740993}\n';
    for (const times of [2, 100_000]) {
      const name = `${randomUUID()}.ndjson`;
      await lake.write(name, lines.repeat(times));
      const { values, shape } = await loadFrame(lake, name);
      expect(shape).toEqual([times, 2]);
      expect(values[times - 1]).toEqual(["0.12345678901234567890", "9007199254740993"]);
    }
  });

  it("refuses a large file by the same line as a small one", async () => {
    const good = '{"a":1}\n'.repeat(200_000);
    await lake.write("bad.ndjson", `${good}{"a":1,}\n`);
    const error = await loadFrame(lake, "bad.ndjson").catch((cause) => cause);
    expect(error).toMatchObject({ name: "FrameError", code: "BAD_ROW" });
    expect(error.message).toBe(
      "bad.ndjson, line 200001: not valid JSON: there is a comma before the end\n  Fix the line, or what writes the file.",
    );
    expect(error.hint).toBe("Fix the line, or what writes the file.");
  });

  it("does not keep the process from its end", async () => {
    await lake.write("small.xlsx", workbook(2, 2));
    const program = `import { parseInThread } from ${JSON.stringify(PROGRAM)};
      const file = { entry: { path: "small.xlsx" }, localPath: process.argv[1] };
      const columns = await parseInThread({ kind: "excel", file, options: {} });
      console.log(columns.length, performance.now());
      process.on("exit", () => console.log(performance.now()));`;
    const child = await promisify(execFile)(process.execPath, [
      "--input-type=module",
      "--eval",
      program,
      `${folder}/small.xlsx`,
    ]);
    const [columns, done, ended] = child.stdout.trim().split(/\s+/).map(Number);
    expect(columns).toBe(2);
    // An idle thread is kept for 5 s.
    expect(Number(ended) - Number(done)).toBeLessThan(4000);
  });
});
