import { type CellObject, utils, type WorkBook, write } from "@e965/xlsx";
import { describe, expect, it } from "vitest";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import type { ReadOptions } from "../../src/frames/read/read-options.ts";
import { FolderLake } from "./folder-lake.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
const lake = new FolderLake(folder);

type Cell = string | number | boolean | null | CellObject;

function book(sheets: Record<string, Cell[][]>, origin = "A1"): WorkBook {
  const made = utils.book_new();
  for (const [name, rows] of Object.entries(sheets)) {
    utils.book_append_sheet(made, utils.aoa_to_sheet(rows, { origin } as never), name);
  }
  return made;
}

function bytesOf(made: WorkBook): Buffer {
  return write(made, { type: "buffer", bookType: "xlsx" });
}

async function load(made: WorkBook, options?: ReadOptions) {
  await lake.write("book.xlsx", bytesOf(made));
  const frame = await loadFrame(lake, "book.xlsx", options);
  return { columns: frame.columns, values: frame.values };
}

const number = (v: number, z: string): CellObject => ({ t: "n", v, z });

describe("an Excel sheet", () => {
  it("is read with its types, wherever it begins", async () => {
    const rows: Cell[][] = [
      ["id", "day", "at", "clock", "span", "yes", "code", "wrong"],
      [
        1,
        number(45_292, "yyyy-mm-dd"),
        number(45_292.25, "m/d/yy h:mm"),
        number(0.5, "h:mm"),
        number(1.5, "[h]:mm:ss"),
        true,
        "007",
        { t: "e", v: 0x2a },
      ],
      [
        null,
        null,
        number(45_292 + 1 / 86_400_000, "yyyy-mm-dd hh:mm:ss.000"),
        null,
        null,
        null,
        "",
        null,
      ],
      [9007199254740991, number(1, "d-mmm-yy"), null, null, null, false, "1e3", 2.5],
    ];
    const expected = {
      columns: rows[0],
      values: [
        [
          1,
          new Date("2024-01-01"),
          new Date("2024-01-01T06:00:00Z"),
          "12:00:00",
          "36:00:00",
          true,
          "007",
          null,
        ],
        [null, null, new Date("2024-01-01T00:00:00.001Z"), null, null, null, null, null],
        [9007199254740991, new Date("1900-01-01"), null, null, null, false, "1e3", 2.5],
      ],
    };
    expect(await load(book({ all: rows }))).toEqual(expected);
    expect(await load(book({ all: rows }, "C7"))).toEqual(expected);
  });

  it("counts its days from 1904 when the workbook does", async () => {
    const made = book({ mac: [["day"], [number(0, "yyyy-mm-dd")]] });
    made.Workbook = { WBProps: { date1904: true } };
    expect((await load(made)).values).toEqual([[new Date("1904-01-01")]]);
  });

  it("of several is chosen by name or place, also in a query", async () => {
    const made = book({ one: [["a"], [1]], two: [["b"], [2], [3]] });
    expect(await load(made)).toEqual({ columns: ["a"], values: [[1]] });
    expect(await load(made, { sheet: "two" })).toEqual({ columns: ["b"], values: [[2], [3]] });
    expect(await load(made, { sheet: 1 })).toEqual({ columns: ["b"], values: [[2], [3]] });
    const read = { "book.xlsx": { sheet: "two" } };
    const sum = await query(lake, "select sum(b) as sum from 'book.xlsx'", { read });
    expect(sum.values).toEqual([[5]]);
  });

  it("has text where the cells of a column differ in type, and an own name for each column", async () => {
    const made = book({
      s: [
        ["a", "a"],
        [1.5, true],
        ["x", 2],
        [number(45_292, "yyyy-mm-dd"), null],
      ],
    });
    expect(await load(made)).toEqual({
      columns: ["a", "a_1"],
      values: [
        ["1.5", "true"],
        ["x", "2"],
        ["2024-01-01", null],
      ],
    });
  });

  it("may have lines before its names, or no names", async () => {
    const made = book({ s: [["A report"], ["a", "b"], [1, 2]] });
    expect(await load(made, { skip: 1 })).toEqual({ columns: ["a", "b"], values: [[1, 2]] });
    const data = book({ s: [[1, 2]] });
    const named = { columns: ["column0", "column1"], values: [[1, 2]] };
    expect(await load(data, { header: false })).toEqual(named);
  });

  const whole = () => bytesOf(book({ one: [["a"], [1]], "the rest": [["b"], [2]] }));
  it.each([
    ["NO_SHEET", "one, the rest", whole, { sheet: "two" }],
    ["NO_SHEET", "one, the rest", whole, { sheet: 2 }],
    ["NO_HEADER", "column 2", () => bytesOf(book({ s: [["Report"], ["a", "b"]] })), {}],
    ["EMPTY_FILE", "no rows", () => bytesOf(book({ s: [] })), {}],
    ["BAD_FILE", "no Excel workbook", () => Buffer.from("a,b\n1,2\n"), {}],
    ["BAD_FILE", "no Excel workbook", () => Buffer.alloc(0), {}],
    ["BAD_FILE", "cannot be read", () => whole().subarray(0, 3000), {}],
    [
      "BAD_FILE",
      "cannot be read",
      () => Buffer.concat([Buffer.from("PK\x03\x04"), Buffer.alloc(99)]),
      {},
    ],
    ["BAD_FILE", "before 2007", () => Buffer.from("d0cf11e0a1b11ae1", "hex"), {}],
  ])("is refused with %s: %s", async (code, text, content, options) => {
    await lake.write("bad.xlsx", content());
    const error = await loadFrame(lake, "bad.xlsx", options).catch((cause) => cause);
    expect(error).toMatchObject({ name: "FrameError", code });
    expect(`${error.message} ${error.hint}`).toContain(text);
  });
});
