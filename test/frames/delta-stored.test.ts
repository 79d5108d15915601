import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { query } from "../../src/frames/query.ts";
import { writeFrame } from "../../src/frames/write-frame.ts";
import { type LocalFolder, openFolder } from "../../src/lake/open-folder.ts";
import { pad } from "./delta-table.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = join(scratchFolder(), "data");
let here: LocalFolder;

beforeEach(async () => {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  here = openFolder(folder);
});

/** Writes a result that nobody has looked at, or the values of it. */
async function write(table: string, sql: string, isLookedAt = false): Promise<void> {
  const frame = await query(here, sql);
  if (isLookedAt) for (const name of frame.columns) void frame.column(name).values;
  await writeFrame(here, table, frame, { format: "delta", mode: "append" });
}

async function logged(table: string, version = 0) {
  const text = await readFile(join(folder, table, `_delta_log/${pad(version)}.json`), "utf8");
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const schema = lines.find(({ metaData }) => metaData)?.metaData.schemaString;
  return { schema, stats: lines.find(({ add }) => add)?.add.stats };
}

/** Whether the engine has written the last data file. */
async function isByEngine(table: string): Promise<boolean> {
  const names = await readdir(join(folder, table));
  return names.some((name) => name.endsWith(".snappy.parquet"));
}

const EDGES = `select * from (values
  (1::tinyint, 4294967295::uinteger, 2147483647::bigint, -9007199254740991, 0.5::float, 1.0::double,
    'nan'::double, '', 'exactly 12 b', true, date '0001-01-01', timestamp '2026-01-02 00:00:00',
    timestamp '1600-02-29 23:59:59.999', timestamptz '9999-12-31 23:59:59.999+00', null::int, 0.1, -0.0::double, null::boolean),
  (null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null),
  (-128, 0, -2147483648, 9007199254740991, -1e30, -3, 1, '𝄞 is more than twelve bytes, and ä is two',
    'twelve and m', false, date '9999-12-31', timestamp '1969-01-01', timestamp '3000-01-01 00:00:00.001',
    timestamptz '1969-12-31 23:59:59.999+00', null, '-infinity'::double, 2, null))
  v(tiny, uint, int, big, float, whole, nan, text, twelve, yes, day, midnight, moment, instant, nothing, inf, zero, never)`;

describe("a dataframe that is as the engine gave it", () => {
  it("is written as its values would be", async () => {
    await write("stored", EDGES);
    await write("values", EDGES, true);
    expect(await isByEngine("stored")).toBe(false);
    expect(await isByEngine("values")).toBe(true);
    expect(await logged("stored")).toEqual(await logged("values"));
    const [stored, values] = [await query(here, "from stored"), await query(here, "from 'values'")];
    expect(stored.values).toEqual(values.values);
    expect(stored.values).toEqual((await query(here, EDGES)).values);
  });

  it("of many rows comes back whole, whatever the engine's pieces were", async () => {
    const sql = `select i, i % 7 as seven, i * 1000000007 as big, i / 3.0 as third, (i % 9) / 4 as few,
      'name ' || i % 1000 as name, if(i % 3 = 0, null, i) as gaps,
      if(i % 5 > 1, null, 'x' || i % 3) as texts, if(i % 4 = 0, null, i % 3 = 0) as yes,
      date '2020-01-01' + (i % 900)::int as day, timestamp '2020-01-01' + to_milliseconds(i) as moment,
      if(i > 5000 and i % 97 = 0, 'a text that is long ' || i % 5, 'x' || i % 3) as rarely,
      if(i < 290000, null, i) as late from range(400000) t(i) where i % 11 > 2`;
    await write("t", sql);
    expect(await isByEngine("t")).toBe(false);
    const rows = "select * replace (moment::timestamptz as moment)";
    const missing = await query(
      here,
      `select count(*) as n from (${rows} from (${sql}) except all from t)`,
    );
    expect(missing.values).toEqual([[0]]);
    // Whatever is left out by the bounds of row groups and of the file.
    for (const where of [
      "true",
      "i between 299990 and 300010 and name >= 'n'",
      "late is not null",
    ]) {
      const count = (from: string) =>
        query(here, `select count(*), sum(big) from ${from} where ${where}`);
      expect((await count("t")).values).toEqual((await count(`(${sql})`)).values);
    }
  });

  it("is left to the engine where texts hardly repeat, or the table has other types", async () => {
    for (const text of ["'text ' || i", "'a text that is long ' || i % 3"]) {
      await rm(join(folder, "texts"), { recursive: true, force: true });
      await write("texts", `select i as n, ${text} as t from range(70000) r(i)`);
      expect(await isByEngine("texts")).toBe(true);
    }
    await write("t", "select 1.5 as n");
    expect(await isByEngine("t")).toBe(false);
    await write("t", "select 2 as n");
    expect(await isByEngine("t")).toBe(true);
    expect((await query(here, "select n from t order by n")).values).toEqual([[1.5], [2]]);
  });

  it("takes the names and the order of the table's columns", async () => {
    await write("t", "select 1 as Number, 'a' as text");
    await write("t", "select 'b' as TEXT, 2 as number");
    expect(await isByEngine("t")).toBe(false);
    expect((await query(here, "select Number, text from t order by all")).values).toEqual([
      [1, "a"],
      [2, "b"],
    ]);
    expect((await logged("t", 1)).stats).toBe(
      '{"numRecords":1,"minValues":{"Number":2,"text":"b"},"maxValues":{"Number":2,"text":"b"},"nullCount":{"Number":0,"text":0}}',
    );
  });
});
