import { cp } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cacheFolder } from "../../src/frames/cache/cache-folder.ts";
import { openDeltaTable } from "../../src/frames/delta/open-delta-table.ts";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import { withEngine } from "../../src/frames/sql/engine.ts";
import type { LakeEntry } from "../../src/lake/lake.ts";
import { deltaTable, features, field, mapped, metaData, PROTOCOL } from "./delta-table.ts";

const table = deltaTable();

describe("files of a Delta table", () => {
  /** Statistics of the column, from JSON. */
  const stats = (min: string, max: string, nulls: string) => ({
    stats: `{"numRecords":2,"minValues":{"p/~1":${min}},"maxValues":{"p/~1":${max}},"nullCount":{"p/~1":${nulls}}}`,
  });

  /** Which of three files are fetched for a condition, and the rows that it leaves. */
  async function fetched(type: string, values: readonly (readonly string[])[], where: string) {
    const column = field("c", type, mapped(1, "p/~1"));
    const added = [];
    for (const [
      index,
      [least = "", most = "", low = "", high = "", nulls = "0"],
    ] of values.entries()) {
      const select = `select unnest([${least}, ${most}]) as "p/~1"`;
      const more = low === "" ? {} : stats(low, high, nulls);
      added.push(await table.file(`${index}.parquet`, select, more));
    }
    const mapping = { "delta.columnMapping.mode": "name" };
    await table.commit(0, [features("columnMapping"), metaData([column], [], mapping), ...added]);
    table.lake.downloads.length = 0;
    const { values: rows } = await loadFrame(table.lake, "t", { where });
    return {
      files: table.lake.downloads.map((path) => Number(/\d+/.exec(path)?.[0])).sort(),
      rows: rows.length,
    };
  }

  const numbers = [
    ["1::bigint", "9::bigint", "1", "9"],
    ["10::bigint", "19::bigint", "10", "19"],
    ["20::bigint", "null", "20", "20", "1"],
    // No statistics.
    ["5::bigint", "25::bigint"],
  ];
  it.each([
    ["c < 10", [0, 3], 3],
    ["c <= 10", [0, 1, 3], 4],
    ["10 > c", [0, 3], 3],
    ["c = 15", [1, 3], 0],
    ["c >= 20", [2, 3], 2],
    ["c between 12 and 15", [1, 3], 0],
    ["c in (1, 20)", [0, 2, 3], 2],
    ["c is null", [2, 3], 1],
    ["c is not null", [0, 1, 2, 3], 7],
    ["c < 10 or c > 19", [0, 2, 3], 5],
    ["c > 9 and c < 20", [1, 3], 2],
    ["not (c < 10)", [1, 2, 3], 4],
    ["c > 9.5", [1, 2, 3], 4],
    ["c = '15'", [1, 3], 0],
    ["c + 1 < 5", [0, 1, 2, 3], 1],
    ["abs(c) < 5", [0, 1, 2, 3], 1],
  ])("are left out by their statistics: where %s", async (where, files, rows) => {
    expect(await fetched("long", numbers, where)).toEqual({ files, rows });
  });

  const long = "x".repeat(32);
  it.each([
    ["string", `c = '50'`, ["'9'", "'10'", '"10"', '"9"'], 1, 0],
    ["string", "c = true", ["'1'", "'false'", '"1"', '"false"'], 1, 1],
    ["string", `c > '${long}a'`, [`'a'`, `'${long}b'`, '"a"', `"${long}"`], 1, 1],
    ["string", "c > 'b'", ["'a'", "'b'", '"a"', '"b"'], 0, 0],
    ["double", "c > 5", ["1::double", "'NaN'::double", "1", "1"], 1, 1],
    [
      "timestamp_ntz",
      "c > '2024-01-01 00:00:00.0005'",
      [
        "timestamp '2024-01-01'",
        "timestamp '2024-01-01 00:00:00.000999'",
        '"2024-01-01T00:00:00.000Z"',
        '"2024-01-01T00:00:00.000Z"',
      ],
      1,
      1,
    ],
    [
      "date",
      "c > '2024-01-02'",
      ["date '2024-01-01'", "date '2024-01-02'", '"2024-01-01"', '"2024-01-02"'],
      0,
      0,
    ],
    [
      "long",
      "c > 9007199254740992",
      ["0::bigint", "9007199254740993", "0", "9007199254740993"],
      1,
      1,
    ],
  ])(
    "are kept unless their statistics are sure: %s where %s",
    async (type, where, values, files, rows) => {
      const found = await fetched(type, [values], where);
      expect([found.files.length, found.rows]).toEqual([files, rows]);
    },
  );

  it("are fetched by the columns that are wanted, under the names that the files have", async () => {
    const columns = [
      field("id", "long", mapped(1, "p-1")),
      field("text", "string", mapped(2, "p-2")),
    ];
    const mapping = { "delta.columnMapping.mode": "name" };
    const select = `select range as "p-1", md5(range::varchar) || md5((range + 1)::varchar) as "p-2" from range(200000)`;
    await table.commit(0, [
      features("columnMapping"),
      metaData([...columns, field("part", "integer", mapped(3, "p-3"))], ["part"], mapping),
      await table.file("big.parquet", select, { partitionValues: { "p-3": "5" } }),
    ]);
    const { lake } = table;
    lake.downloads.length = 0;
    lake.bytes = 0;
    const found = await query(lake, "select sum(id) as total, sum(part) as parts from 't'");
    expect(found.values).toEqual([[19_999_900_000, 1_000_000]]);
    expect(lake.downloads).toEqual([]);
    const { size } = await lake.stat("t/big.parquet");
    expect(lake.bytes).toBeLessThan(size / 4);
  });

  it("do not show columns whose bytes are not here", async () => {
    const add = await table.file("a.parquet", "select 1 as a, 2 as b");
    await table.commit(0, [
      PROTOCOL,
      metaData([field("a", "integer"), field("b", "integer")]),
      add,
    ]);
    const { lake } = table;
    const entries: LakeEntry[] = [];
    for await (const entry of lake.list("t/**")) entries.push(entry);
    // The engine reads from the cache alone.
    const localPath = join(cacheFolder(), "a.parquet");
    await cp(`${lake.root}/t/a.parquet`, localPath);
    await withEngine(async (engine) => {
      const dataset = await openDeltaTable(engine, lake, "t", entries, [], {});
      const [entry] = dataset.entries;
      if (!entry) throw new Error("the table has one file");
      const source = await dataset.open([{ entry, localPath, columns: new Set(["a"]) }], false);
      const rows = await engine.runAndReadAll(`from ${source.sql}`);
      expect(rows.columnNames()).toEqual(["a"]);
      expect(source.columns).toEqual(["a", "b"]);
    });
  });
});
