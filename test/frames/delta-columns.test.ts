import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openDeltaTable } from "../../src/frames/delta/table.ts";
import { isWidening } from "../../src/frames/delta/widening.ts";
import { withEngine } from "../../src/frames/engine.ts";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import type { LakeEntry } from "../../src/lake/lake.ts";
import { DeltaTable, features, field, metaData, PROTOCOL } from "./delta-table.ts";

let table: DeltaTable;

beforeAll(async () => {
  table = await DeltaTable.open();
});
beforeEach(() => table.clear());
afterAll(() => table.close());

const struct = (...fields: object[]) => ({ type: "struct", fields });
const list = (elementType: unknown) => ({ type: "array", elementType, containsNull: true });
const map = (valueType: unknown) => ({ type: "map", keyType: "string", valueType });
const mapped = (id: number, physicalName: string) => ({
  "delta.columnMapping.id": id,
  "delta.columnMapping.physicalName": physicalName,
});

async function read(options = {}) {
  const frame = await loadFrame(table.lake, "t", options);
  return { columns: frame.columns, values: frame.values };
}

describe("a change of type", () => {
  it.each([
    ["byte", "long"],
    ["float", "double"],
    ["integer", "double"],
    ["date", "timestamp_ntz"],
    ["decimal(5,2)", "decimal(7,4)"],
    ["integer", "decimal(10,0)"],
    ["long", "decimal(22,2)"],
  ])("from %s to %s loses nothing, and the other way round it does", (from, to) => {
    expect([isWidening(from, to), isWidening(to, from)]).toEqual([true, false]);
  });

  it.each([
    ["long", "double"],
    ["decimal(5,2)", "decimal(6,4)"],
    ["long", "decimal(19,0)"],
    ["date", "timestamp"],
  ])("from %s to %s is not known", (from, to) => {
    expect(isWidening(from, to)).toBe(false);
  });
});

describe("columns of a Delta table", () => {
  it.each([
    ["name", features("columnMapping")],
    ["name", { protocol: { minReaderVersion: 2 } }],
    ["id", features("columnMapping")],
  ])("are mapped by %s, those inside others too", async (mode, protocol) => {
    const inner = (id: number) =>
      struct(
        field("new x", "long", mapped(id, "p-x")),
        field("y", "string", mapped(id + 1, "p-y")),
      );
    const columns = [
      field("id", "long", mapped(1, "p-1")),
      field("place", inner(20), mapped(2, "p-2")),
      field("items", list(inner(30)), mapped(4, "p-4")),
      field("dict", map(inner(40)), mapped(5, "p-5")),
      field("day", "date", mapped(6, "p-6")),
      field("p-old", "string", mapped(7, "p-7")),
    ];
    // By id, the names in the file do not matter.
    const [x, id, place] = mode === "id" ? ["other", "a", "b"] : ["p-x", "p-1", "p-2"];
    const select = `select 7::bigint as "${id}", {'${x}': 1::int, 'gone': 2} as "${place}",
      [{'${x}': 3::int}, null] as "p-4", map{'k': {'${x}': 4::int}} as "p-5", 'dropped' as "p-old"`;
    const ids = `, field_ids {"${id}": 1, "${place}": {__duckdb_field_id: 2, "${x}": 20, gone: 8},
      "p-4": {__duckdb_field_id: 4, element: {__duckdb_field_id: 9, "${x}": 30}},
      "p-5": {__duckdb_field_id: 5, key: 10, value: {__duckdb_field_id: 11, "${x}": 40}}, "p-old": 12}`;
    await table.commit(0, [
      protocol,
      metaData(columns, ["day"], { "delta.columnMapping.mode": mode }),
      await table.file("a.parquet", select, { partitionValues: { "p-6": "2024-02-29" } }, ids),
    ]);
    const { columns: names, values } = await read();
    expect(names).toEqual(["id", "place", "items", "dict", "day", "p-old"]);
    expect(values).toEqual([
      [
        7,
        '{"new x":1,"y":null}',
        '[{"new x":3,"y":null},null]',
        '{"k":{"new x":4,"y":null}}',
        new Date("2024-02-29"),
        null,
      ],
    ]);
  });

  it("keep their own names where the protocol has no mapping", async () => {
    const columns = [field("id", "long", mapped(1, "p-1"))];
    await table.commit(0, [
      PROTOCOL,
      metaData(columns, [], { "delta.columnMapping.mode": "name" }),
      await table.file("a.parquet", 'select 1::bigint as id, 2::bigint as "p-1"'),
    ]);
    expect((await read()).values).toEqual([[1]]);
  });

  it("have the table's types, whatever the files have", async () => {
    const columns = [
      field("a", "long"),
      field("b", "double"),
      field("c", "decimal(20,4)"),
      field("d", "timestamp_ntz"),
      field("e", struct(field("x", "integer"), field("y", "void"))),
      field("f", "string"),
      field("g", "timestamp"),
    ];
    await table.commit(0, [
      features("typeWidening", "timestampNtz"),
      metaData(columns),
      await table.file(
        "a.parquet",
        `select 1::tinyint as a, 0.1::float as b, 1.25::decimal(5,2) as c, date '1850-02-03' as d,
           {'x': 5::tinyint} as e, encode('ä') as f, timestamptz '1900-01-01 00:00:00+00' as g`,
      ),
      await table.file("b.parquet", `select 'note' as unknown, 2::bigint as "A"`),
    ]);
    const { values } = await read();
    expect(values).toEqual([
      [
        1,
        Math.fround(0.1),
        1.25,
        new Date("1850-02-03"),
        '{"x":5,"y":null}',
        "ä",
        new Date("1900-01-01"),
      ],
      [2, null, null, null, null, null, null],
    ]);
    const types = await query(
      table.lake,
      "select typeof(a), typeof(c), typeof(g) from 't' limit 1",
    );
    expect(types.values).toEqual([["BIGINT", "DECIMAL(20,4)", "TIMESTAMP WITH TIME ZONE"]]);
  });

  it("have partition values of every type, one for each file", async () => {
    const types = [
      "byte",
      "double",
      "boolean",
      "date",
      "timestamp",
      "timestamp_ntz",
      "decimal(4,1)",
      "binary",
      "string",
    ];
    const columns = types.map((type) => field(type, type));
    const write = (path: string, texts: readonly string[]) => {
      const entries = texts.map((text, index) => [types[index], text]);
      return table.file(path, "select 1 as id", { partitionValues: Object.fromEntries(entries) });
    };
    await table.commit(0, [
      features("timestampNtz"),
      metaData([field("id", "integer"), ...columns], types),
      await write("a.parquet", [
        "-128",
        "NaN",
        "true",
        "0001-01-01",
        "1850-01-01T00:00:00.001Z",
        "1782-10-04 12:34:56",
        "-99.9",
        "\u0001ä",
        "it's = %",
      ]),
      await write("b.parquet", [
        "1",
        "0.1",
        "false",
        "2024-02-29",
        "2024-02-29 01:02:03",
        "2024-02-29 01:02:03",
        "1",
        "x",
        "y",
      ]),
      await write(
        "c.parquet",
        types.map(() => ""),
      ),
    ]);
    const moment = new Date("2024-02-29T01:02:03Z");
    expect((await read()).values).toEqual([
      [
        1,
        -128,
        Number.NaN,
        true,
        new Date("0001-01-01"),
        new Date("1850-01-01T00:00:00.001Z"),
        new Date("1782-10-04T12:34:56Z"),
        -99.9,
        Buffer.from("\u0001ä").toString("base64"),
        "it's = %",
      ],
      [
        1,
        1,
        0.1,
        false,
        new Date("2024-02-29"),
        moment,
        moment,
        1,
        Buffer.from("x").toString("base64"),
        "y",
      ],
      [1, ...types.map(() => null)],
    ]);
  });
});

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
    const { values: rows } = await read({ where });
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
    const reads: number[] = [];
    const { lake } = table;
    const counting = {
      url: lake.url,
      list: lake.list.bind(lake),
      stat: lake.stat.bind(lake),
      download: lake.download.bind(lake),
      read: async (path: string, options = {}) => {
        const bytes = await lake.read(path, options);
        reads.push(bytes.length);
        return bytes;
      },
    };
    lake.downloads.length = 0;
    const found = await query(counting, "select sum(id) as total, sum(part) as parts from 't'");
    expect(found.values).toEqual([[19_999_900_000, 1_000_000]]);
    expect(lake.downloads).toEqual([]);
    const { size } = await lake.stat("t/big.parquet");
    expect(reads.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(size / 4);
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
    await withEngine(async (engine) => {
      const dataset = await openDeltaTable(engine, lake, "t", entries, [], {});
      const [entry] = dataset.entries;
      if (!entry) throw new Error("the table has one file");
      const localPath = `${lake.root}/t/a.parquet`;
      const source = await dataset.open([{ entry, localPath, columns: new Set(["a"]) }], false);
      const rows = await engine.runAndReadAll(`from ${source.sql}`);
      expect(rows.columnNames()).toEqual(["a"]);
      expect(source.columns).toEqual(["a", "b"]);
    });
  });
});
