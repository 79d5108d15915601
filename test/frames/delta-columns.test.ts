import { describe, expect, it } from "vitest";
import { isWidening } from "../../src/frames/delta/delta-schema.ts";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import { deltaTable, features, field, mapped, metaData, PROTOCOL } from "./delta-table.ts";

const table = deltaTable();

const struct = (...fields: object[]) => ({ type: "struct", fields });
const list = (elementType: unknown) => ({ type: "array", elementType, containsNull: true });
const map = (valueType: unknown) => ({ type: "map", keyType: "string", valueType });

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
