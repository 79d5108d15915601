import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type CellObject, utils, write } from "@e965/xlsx";
import { beforeAll, describe, expect, it } from "vitest";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { FolderLake } from "./folder-lake.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
const lake = new FolderLake(folder);

const HUGE = "12345678901234567890123456789012345.678";

/** What pyarrow wrote of each type: the value bare, and as JSON within a list, a struct and a map. */
const VALUES: readonly (readonly [name: string, bare: unknown, json: string])[] = [
  ["bool", true, "true"],
  ["int8", -7, "-7"],
  ["uint8", 200, "200"],
  ["int16", -30000, "-30000"],
  ["int32", -2147483648, "-2147483648"],
  ["int64", "9007199254740993", "9007199254740993"],
  ["uint64", "18446744073709551615", "18446744073709551615"],
  ["float32", 0.5, "0.5"],
  ["float64", 0.1, "0.1"],
  ["decimal", HUGE, HUGE],
  ["small_decimal", 1.5, "1.5"],
  ["date", new Date("2020-01-02"), '"2020-01-02"'],
  ["time_ms", "01:02:03.004", '"01:02:03.004"'],
  ["time_us", "01:02:03.123456", '"01:02:03.123456"'],
  ["time_ns", "01:02:03.123456789", '"01:02:03.123456789"'],
  ["timestamp_ms", new Date("2020-01-01T00:00:00.001Z"), '"2020-01-01 00:00:00.001"'],
  ["timestamp_us", "2020-01-01 00:00:00.000001", '"2020-01-01 00:00:00.000001"'],
  ["timestamp_ns", "2020-01-01 00:00:00.123456789", '"2020-01-01 00:00:00.123456789"'],
  ["zoned_ms", new Date("2020-01-01T00:00:00.001Z"), '"2020-01-01 00:00:00.001+00"'],
  ["zoned_us", "2020-01-01 00:00:00.000001+00", '"2020-01-01 00:00:00.000001+00"'],
  ["zoned_ns", "2020-01-01 00:00:00.123456789", '"2020-01-01 00:00:00.123456789"'],
  ["text", "é \"'", '"é \\"\'"'],
  ["blob", "YQD/", '"YQD/"'],
  ["fixed", "AP8=", '"AP8="'],
  ["enum", "red", '"red"'],
];

describe.each(["arrow", "parquet"])("of pyarrow, in %s", (format) => {
  const name = `values.${format}`;
  beforeAll(async () => {
    await lake.write(name, await readFile(join(import.meta.dirname, "files", name)));
  });

  it.each(VALUES)("%s", async (type, bare, json) => {
    const columns = [type, `${type} list`, `${type} struct`, `${type} map`];
    expect((await loadFrame(lake, name, { columns })).values).toEqual([
      [bare, `[${json},null]`, `{"a b":${json},"c":1}`, `{"k":${json}}`],
      [null, null, null, "{}"],
    ]);
  });

  it("null and uuid", async () => {
    const { values } = await loadFrame(lake, name, { columns: ["null", "uuid"] });
    expect(values).toEqual([
      [null, "00000000-0000-0000-0000-000000000001"],
      [null, null],
    ]);
  });
});

/** Values as text of CSV and as JSON, and what they are. */
const TEXTS: readonly (readonly [
  csv: string,
  json: string,
  csvValue: unknown,
  jsonValue?: unknown,
])[] = [
  ["true", "true", true],
  ["-7", "-7", -7],
  ["9007199254740993", "9007199254740993", "9007199254740993"],
  ["18446744073709551615", "18446744073709551615", "18446744073709551615"],
  ["0.1", "0.1", 0.1],
  [HUGE, HUGE, HUGE],
  ["2020-01-02", '"2020-01-02"', new Date("2020-01-02"), "2020-01-02"],
  ["01:02:03.123456789", '"01:02:03.123456789"', "01:02:03.123456789"],
  [
    "2020-01-01T00:00:00.123456789Z",
    '"2020-01-01T00:00:00.123456789Z"',
    "2020-01-01T00:00:00.123456789Z",
  ],
  [
    "00000000-0000-0000-0000-000000000001",
    '"00000000-0000-0000-0000-000000000001"',
    "00000000-0000-0000-0000-000000000001",
  ],
];

describe("as text", () => {
  it.each(TEXTS)("%s", async (csv, json, value, other) => {
    const jsonValue = other ?? value;
    await lake.write("v.csv", `a,b\n${csv},1\n,2\n`);
    expect((await loadFrame(lake, "v.csv")).values).toEqual([
      [value, 1],
      [null, 2],
    ]);
    const row = `{"a":${json},"l":[${json},null],"s":{"x":${json}},"m":[{"k":${json}}]}`;
    await lake.write("v.ndjson", `${row}\n{"a":null}\n`);
    const isNumber = /^-?\d/.test(String(json));
    const rows = (await loadFrame(lake, "v.ndjson")).values as unknown[][];
    const [[bare, ...nested] = [], empty] = rows;
    expect(bare).toEqual(jsonValue);
    const item = isNumber && typeof jsonValue === "string" && nested[0] !== `[${json},null]`;
    const inside = item ? JSON.stringify(jsonValue) : json;
    expect(nested).toEqual([`[${inside},null]`, `{"x":${inside}}`, `[{"k":${inside}}]`]);
    expect(empty).toEqual([null, null, null, null]);
  });
});

describe("in a workbook", () => {
  const number = (v: number, z: string): CellObject => ({ t: "n", v, z });
  it.each<[string, CellObject | string | number | boolean, unknown]>([
    ["a truth", true, true],
    ["a number", 0.1, 0.1],
    ["a text of digits", "9007199254740993", "9007199254740993"],
    ["a date", number(43832, "yyyy-mm-dd"), new Date("2020-01-02")],
    ["a moment", number(43831.5, "yyyy-mm-dd hh:mm"), new Date("2020-01-01T12:00:00Z")],
    ["a time", number(0.25, "hh:mm:ss"), "06:00:00"],
    ["a span", number(1.5, "[h]:mm:ss"), "36:00:00"],
  ])("%s", async (_, cell, expected) => {
    const book = utils.book_new();
    utils.book_append_sheet(
      book,
      utils.aoa_to_sheet([
        ["a", "b"],
        [cell as never, 1],
        [null, 2],
      ]),
    );
    await lake.write("v.xlsx", write(book, { type: "buffer" }));
    expect((await loadFrame(lake, "v.xlsx")).values).toEqual([
      [expected, 1],
      [null, 2],
    ]);
  });
});
