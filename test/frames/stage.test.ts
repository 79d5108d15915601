import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LoadProgress } from "../../src/frames/cache/load-progress.ts";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import { startTestCloud, type TestCloud } from "../lake/practice-cloud.ts";
import { scratchFolder } from "./scratch-folder.ts";
import { writeParquet } from "./write-parquet.ts";

const ROWS = 600_000;
const LINES = Array.from({ length: ROWS }, (_, row) => `${row},${(row * 7919) % 100_003}\n`);

const folder = scratchFolder();
let cloud: TestCloud;

beforeAll(async () => {
  const text = `a,b\n${LINES.join("")}`;
  cloud = await startTestCloud("ada@contoso.com", {
    "raw/large.csv": text,
    "raw/twice.csv": text,
    "raw/days/1.csv": "a\n1\n",
    "raw/days/2.csv": "a\n2\n",
  });
});
afterAll(() => cloud.close());

describe("bringing files here", () => {
  it("reports the bytes of one large file as they arrive", async () => {
    const lake = cloud.open("raw");
    const { size } = await lake.stat("large.csv");
    const steps: LoadProgress[] = [];
    const frame = await loadFrame(lake, "large.csv", { onProgress: (step) => steps.push(step) });
    expect(frame.shape).toEqual([ROWS, 2]);
    const done = steps.map(({ bytesDone }) => bytesDone);
    expect(done.filter((bytes) => bytes > 0 && bytes < size).length).toBeGreaterThan(5);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(steps.at(-1)).toMatchObject({ phase: "read", bytesDone: size, bytes: size });
  });

  it("reports the bytes of those columns of a Parquet file that are wanted", async () => {
    const lake = cloud.open("raw");
    const file = join(folder, "wide.parquet");
    await writeParquet(
      file,
      "select range as a, hash(range)::varchar as b, hash(range + 1) as c from range(600000)",
    );
    const { size } = await lake.upload(file, "wide.parquet");
    const steps: LoadProgress[] = [];
    await query(lake, "select sum(a) from 'wide.parquet'", {
      onProgress: (step) => steps.push(step),
    });
    const [planned] = steps.slice(1);
    expect(steps[0]).toMatchObject({ bytes: size, bytesDone: 0 });
    expect(planned?.bytes).toBeLessThan(size / 2);
    expect(steps.at(-1)).toMatchObject({ bytes: planned?.bytes, bytesDone: planned?.bytes });
  });

  it("is done once where two loads want the same file at once", async () => {
    const lake = cloud.open("raw");
    const steps: LoadProgress[] = [];
    const load = () =>
      query(lake, "select count(*)::int, sum(a)::double from 'twice.csv'", {
        onProgress: (step) => steps.push(step),
      });
    const [one, two] = await Promise.all([load(), load()]);
    const expected = [[ROWS, (ROWS * (ROWS - 1)) / 2]];
    expect([one.values, two.values]).toEqual([expected, expected]);
    const read = steps.filter(({ phase }) => phase === "read");
    expect(read.map(({ bytesCached }) => bytesCached > 0).sort()).toEqual([false, true]);
  });

  it.each(["replaced", "removed"])("refuses a file %s after it was listed", async (what) => {
    const lake = cloud.open("raw");
    await lake.write("days/2.csv", `a\n${what.length}\n`, { overwrite: true });
    const download: typeof lake.download = async (path, ...rest) => {
      if (path === "days/2.csv") {
        if (what === "removed") await lake.remove(path);
        else await lake.write(path, "a\n3\n", { overwrite: true });
      }
      return lake.download(path, ...rest);
    };
    const changing = {
      url: lake.url,
      list: lake.list.bind(lake),
      stat: lake.stat.bind(lake),
      exists: lake.exists.bind(lake),
      read: lake.read.bind(lake),
      download,
    };
    const error = await loadFrame(changing, "days").catch((cause) => cause);
    expect(error).toMatchObject({ name: "FrameError", code: "CHANGED" });
    expect(error.message).toContain("days/2.csv was replaced or removed while it was loaded");
    if (what === "removed") return;
    // What came instead is not taken for the version that was listed, nor kept as such.
    expect((await loadFrame(lake, "days")).values).toEqual([[1], [3]]);
  });
});
