import { describe, expect, it } from "vitest";
import type { DataFrame } from "../../src/frames/danfo/danfo-module.ts";
import { query } from "../../src/frames/query.ts";
import { type Engine, withEngine } from "../../src/frames/sql/engine.ts";
import { type FrameData, makeFrameTable } from "../../src/frames/sql/frame-as-table.ts";
import { openFolder } from "../../src/lake/open-folder.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();

// Three fillings of the memory that rows go through, the last one smaller.
const ROWS = 2048 * 2 + 100;
const LAST = 8_640_000_000_000_000;
const DAY = 86_400_000;

const VALUES: Record<string, readonly unknown[]> = {
  INTEGER: [0, 1, -1, 2 ** 31 - 1, -(2 ** 31)],
  BIGINT: [0, -1, 2 ** 31, -(2 ** 31) - 1, 2 ** 32, -(2 ** 32), 2 ** 53 - 1, -(2 ** 53) + 1],
  "BIGINT of bigints": [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n)],
  DOUBLE: [0.5, -0, Number.NaN, Infinity, -Infinity, Number.MIN_VALUE, 2 ** 53 + 2],
  VARCHAR: ["", "short", "of more than twelve bytes", "größe", "😀\u0000"],
  BOOLEAN: [true, false],
  DATE: [0, -DAY, 20_000 * DAY, LAST, -LAST].map((time) => new Date(time)),
  TIMESTAMP: [
    1, -1, 1_700_000_000_123, 9_007_199_254_741, -9_007_199_254_741, 4_102_444_800_001,
  ].map((time) => new Date(time)),
};

/** Where nulls are, by row. */
const NULLS: Record<string, (row: number) => boolean> = {
  "without nulls": () => false,
  "with nulls here and there": (row) => row % 7 === 3,
  "with nulls in its first rows only": (row) => row < 10,
  "with nulls in its last rows only": (row) => row >= ROWS - 3,
  "with nulls from the second filling on": (row) => row >= 2048,
};

describe("a dataframe as a table of the engine", () => {
  for (const [type, some] of Object.entries(VALUES)) {
    it.each(Object.keys(NULLS))(`keeps each value of ${type} %s`, async (where) => {
      const values = Array.from({ length: ROWS }, (_, row) =>
        NULLS[where]?.(row) ? (row % 2 ? null : undefined) : some[row % some.length],
      );
      await withEngine(async (engine) => {
        await makeFrameTable(engine, "made", { columns: ["v"], column: () => ({ values }) });
        const { 0: described } = (await engine.runAndReadAll("describe made")).getRowsJson();
        expect(described?.[1]).toBe(type.split(" ")[0]);
        const got = (await engine.runAndReadAll("select v from made")).getColumnsJS()[0] ?? [];
        expect(got.map(plain)).toEqual(values.map(plain));
      });
    });
  }
});

/** SQL of a value by the row `i`, for which the engine gives what JavaScript's values would. */
const STORED: Record<string, string> = {
  "whole doubles": "i::double",
  "whole doubles beyond 32 bits": "(i * 10000000000)::double",
  "a double that is -0": "if(i = 7, '-0'::double, i)",
  "doubles of which one is not whole": "if(i = 4000, 0.5, i)",
  "doubles and NaN": "if(i = 3000, 'nan'::double, i)",
  "infinite doubles": "if(i = 3, 'infinity'::double, i)",
  "doubles beyond 2^53": "if(i = 3, 1e300, i)",
  floats: "(i / 3)::float",
  "whole floats": "i::float",
  "small integers": "(i % 100)::tinyint",
  "unsigned integers": "(4294967295 - i)::uinteger",
  "64-bit integers within 32 bits": "i::bigint",
  "64-bit integers": "i * 1000000007",
  "unsigned 64-bit integers": "(i * 1000000007)::ubigint",
  "64-bit integers beyond 2^53": "9007199254740991 + i",
  decimals: "(i / 8)::decimal(12, 3)",
  "huge integers": "i::hugeint",
  text: "'größe ' || i % 50",
  booleans: "i % 3 = 0",
  dates: "date '1900-01-01' + i::int",
  midnights: "(date '2024-01-01' + i::int)::timestamp",
  moments: "timestamp '2024-01-01 00:00:00.001' + to_hours(i)",
  "finer moments": "timestamp '2024-01-01 00:00:00.000001' + to_hours(i)",
  instants: "timestamptz '2024-01-01 05:00:00+00' + to_hours(i)",
  "instants at midnight": "(date '2024-01-01' + i::int)::timestamptz",
  lists: "[i, null]",
};

const AS_VALUES = "as it is in JavaScript";

describe("a dataframe that is as the engine gave it", () => {
  const each = Object.entries(STORED).flatMap(([what, sql]) => [
    [what, sql],
    [`${what}, some null`, `case when i % 11 <> 5 then ${sql} end`],
  ]);
  it.each(each)("is the same table as by its values: %s", async (_what, sql) => {
    const load = () =>
      query(openFolder(folder), `select ${sql} as v, i as "I d" from range(4200) r(i)`);
    const [stored, same] = [await load(), await load()];
    const values = columnsOf(same);
    await withEngine(async (engine) => {
      await makeFrameTable(engine, "stored", stored);
      await makeFrameTable(engine, AS_VALUES, values);
      const expected = await tableOf(engine, AS_VALUES);
      expect(await tableOf(engine, "stored")).toEqual(expected);
    });
  });

  it("is taken by its values once one of them was changed, or asked for", async () => {
    const load = () =>
      query(openFolder(folder), "select i as a, i + 0.5 as b from range(3000) r(i)");
    const changed = await load();
    changed.addColumn(
      "a",
      Array.from({ length: 3000 }, (_, row) => -1 - row),
      { inplace: true },
    );
    const read = await load();
    expect(read.column("b").values).toHaveLength(3000);
    await withEngine(async (engine) => {
      for (const [name, frame, total] of [
        ["changed", changed, "-4501500"],
        ["read", read, "4498500"],
      ] as const) {
        await makeFrameTable(engine, name, frame);
        const sums = await engine.runAndReadAll(
          `select sum(a)::varchar, sum(b)::varchar from ${name}`,
        );
        expect(sums.getRows()).toEqual([[total, "4500000.0"]]);
      }
    });
  });
});

describe("a column without values has the type that it was read with:", () => {
  it.each([
    ["tinyint", "INTEGER"],
    ["uinteger", "BIGINT"],
    ["bigint", "BIGINT"],
    ["hugeint", "BIGINT"],
    ["double", "DOUBLE"],
    ["decimal(18, 2)", "DOUBLE"],
    ["date", "DATE"],
    ["timestamp", "TIMESTAMP"],
    ["timestamp_ms", "TIMESTAMP"],
    ["timestamptz", "TIMESTAMP"],
    ["boolean", "BOOLEAN"],
    ["varchar", "VARCHAR"],
    ["integer[]", "VARCHAR"],
    ["time", "VARCHAR"],
  ])("%s", async (type, expected) => {
    const sql = (rows: number) => `select null::${type} as v from range(${rows}) r(i)`;
    const load = (rows: number) => query(openFolder(folder), sql(rows));
    const read = await load(3);
    expect(read.column("v").values).toEqual([null, null, null]);
    await withEngine(async (engine) => {
      const frames = [await load(3), read, await load(0), columnsOf(read)];
      for (const [index, frame] of frames.entries()) {
        await makeFrameTable(engine, `made${index}`, frame);
        const [made] = (await engine.runAndReadAll(`describe made${index}`)).getRowsJson();
        // The last is of values alone.
        expect([index, made?.[1]]).toEqual([index, index === 3 ? "VARCHAR" : expected]);
      }
    });
  });
});

/** A frame that the engine knows nothing of. */
function columnsOf(frame: DataFrame): FrameData {
  const lists = new Map(frame.columns.map((name) => [name, frame.column(name).values]));
  return { columns: frame.columns, column: (name) => ({ values: lists.get(name) }) };
}

async function tableOf(engine: Engine, name: string): Promise<unknown> {
  const types = await engine.runAndReadAll(`describe from "${name}"`);
  const rows = await engine.runAndReadAll(`select v::varchar, "I d" from "${name}" order by all`);
  return [types.getRowsJson().map(([column, type]) => [column, type]), rows.getRowsJson()];
}

/** As text that tells all values apart: -0 and 0, 1 and 1n alike. */
function plain(value: unknown): string {
  if (value instanceof Date) return String(value.getTime());
  return Object.is(value, -0) ? "-0" : String(value ?? null);
}
