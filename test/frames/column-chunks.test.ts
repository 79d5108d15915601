import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import type { ReadOptions } from "../../src/lake/lake.ts";
import { FolderLake } from "./folder-lake.ts";
import { scratchFolder } from "./scratch-folder.ts";
import { writeParquet } from "./write-parquet.ts";

/** Lets a test do something before each read. */
class WatchedLake extends FolderLake {
  beforeRead: (() => unknown) | undefined;

  override async read(path: string, options?: ReadOptions): Promise<Uint8Array> {
    await this.beforeRead?.();
    return super.read(path, options);
  }
}

const folder = scratchFolder();
const lake = new WatchedLake(folder);
let size: number;

beforeAll(async () => {
  // Eight wide columns, one with a list, one with few values and so a dictionary and a filter.
  const noise = Array.from({ length: 7 }, (_, column) => `hash(i * 10 + ${column}) as n${column}`);
  const select = `select i::int as id, ${noise.join(", ")}, [i, i + 1] as list,
    'kind ' || (i % 5) as Kind from range(200000) as rows(i)`;
  await writeParquet(join(folder, "wide.parquet"), select, ", row_group_size 50000");
  size = (await lake.stat("wide.parquet")).size;
});
beforeEach(async () => {
  process.env.NOTELAKE_CACHE = await mkdtemp(join(folder, "cache-"));
  lake.bytes = 0;
});

describe("of a Parquet file, a load moves", () => {
  it("the bytes of three of ten columns, at most 40 % of the file, and once", async () => {
    const options = { columns: ["id", "n3"], where: "kind = 'kind 2' and id < 20" };
    const frame = await loadFrame(lake, "wide.parquet", options);
    expect(frame.column("id").values).toEqual([2, 7, 12, 17]);
    expect(lake.downloads).toEqual([]);
    expect(lake.bytes).toBeGreaterThan(size / 20);
    expect(lake.bytes).toBeLessThan(0.4 * size);
    const before = lake.bytes;
    const again = await loadFrame(lake, "wide.parquet", options);
    expect(again.values).toEqual(frame.values);
    expect(lake.bytes).toBe(before);
    const all = await loadFrame(lake, "wide.parquet", { where: options.where });
    expect(all.column("n3").values).toEqual(frame.column("n3").values);
  });

  it("and counts each part that has come, also where several come at once", async () => {
    const seen: { done: number; all: number }[] = [];
    await loadFrame(lake, "wide.parquet", {
      columns: ["id", "n1", "n2"],
      onProgress: ({ phase, bytesDone, bytes }) => {
        if (phase === "download") seen.push({ done: bytesDone, all: bytes });
      },
    });
    const parts = seen.slice(0, -1).map(({ done }) => done);
    expect(parts).toEqual(parts.toSorted((a, b) => a - b));
    expect(parts.at(-1)).toBe(seen.at(-1)?.all);
  });

  it("the bytes that a query names, nested columns too", async () => {
    const sql = `select kind, sum(list[2]) as sum, count(*) as rows from 'wide.parquet' as w
      group by kind order by kind limit 1`;
    const frame = await query(lake, sql);
    expect(frame.values).toEqual([["kind 0", 3_999_940_000, 40_000]]);
    expect(lake.bytes).toBeLessThan(0.4 * size);
  });

  it.each([
    "select * from 'wide.parquet' where id = 7",
    "select w from 'wide.parquet' as w where id = 7",
    "select id, n0, n1, n2, n3, n4, n5 from 'wide.parquet' where id = 7",
  ])("all of it where that is needed: %s", async (sql) => {
    const before = lake.downloads.length;
    const frame = await query(lake, sql);
    expect(frame.shape[0]).toBe(1);
    expect(lake.downloads.slice(before)).toEqual(["wide.parquet"]);
  });

  it("all of a file whose footer is broken, to say so", async () => {
    const bytes = Buffer.from(await lake.read("wide.parquet"));
    await lake.write("broken.parquet", bytes.fill(255, bytes.length - 400, bytes.length - 8));
    const error = await loadFrame(lake, "broken.parquet", { columns: ["id"] }).catch((e) => e);
    expect(error).toMatchObject({ name: "FrameError", code: "BAD_FILE" });
    expect(error.message).not.toContain(folder);
  });

  it("no parts of two versions", async () => {
    const bytes = await lake.read("wide.parquet");
    await lake.write("changing.parquet", bytes);
    let reads = 0;
    lake.beforeRead = () => ++reads === 2 && lake.write("changing.parquet", bytes);
    const loading = loadFrame(lake, "changing.parquet", { columns: ["id"] });
    await expect(loading).rejects.toMatchObject({ name: "FrameError", code: "CHANGED" });
    lake.beforeRead = undefined;
    const frame = await loadFrame(lake, "changing.parquet", { columns: ["id"] });
    expect(frame.shape).toEqual([200_000, 1]);
  });

  it("little to say that a column is not there", async () => {
    const wanted = loadFrame(lake, "wide.parquet", { columns: ["id", "nobody"] });
    await expect(wanted).rejects.toMatchObject({
      code: "NO_COLUMN",
      hint: expect.stringContaining("n6, list, Kind"),
    });
    expect(lake.bytes).toBeLessThan(0.4 * size);
  });
});
