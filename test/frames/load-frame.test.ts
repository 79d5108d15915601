import { globSync } from "node:fs";
import { truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DataFrame } from "danfojs-node";
import { describe, expect, it } from "vitest";
import { type LoadFrameOptions, loadFrame } from "../../src/frames/load-frame.ts";
import { FolderLake } from "./folder-lake.ts";
import { scratchFolder } from "./scratch-folder.ts";

const DATA = join(import.meta.dirname, "../../data/raw");
const folder = scratchFolder();

async function load(name: string, content: string | Uint8Array, options?: LoadFrameOptions) {
  await writeFile(join(folder, name), content);
  return loadFrame(new FolderLake(folder), name, options);
}

const column = (frame: DataFrame, name: string) => frame.column(name).values;
const refusal = (promise: Promise<unknown>) => promise.then(() => undefined, String);

describe("loadFrame", () => {
  it("reads a CSV file with dates, numbers and text", async () => {
    const frame = await loadFrame(new FolderLake(DATA), "weather/seattle.csv");
    expect(frame.shape).toEqual([1461, 6]);
    expect(frame.dtypes).toEqual([
      "datetime",
      "float32",
      "float32",
      "float32",
      "float32",
      "string",
    ]);
    expect(frame.tail(1).values).toEqual([
      [new Date("2015-12-31T00:00:00Z"), 0, 5.6, -2.1, 3.5, "sun"],
    ]);
  });

  it("names file, line and columns of a ragged row, and what to do", async () => {
    const lake = new FolderLake(DATA);
    const error = await refusal(loadFrame(lake, "bad/weather-with-a-ragged-row.csv"));
    expect(error).toBe(
      [
        "FrameError [BAD_ROW]: bad/weather-with-a-ragged-row.csv, line 12: expected 6 columns, found 7",
        "  The line reads: 2012-01-11,0.0,6.1,-1.1,5.1,,sun",
        "  Fix the line, or enclose the field that holds the delimiter in quotes.",
      ].join("\n"),
    );
  });

  it("reads a folder of partitions, and downloads only those that `where` needs", async () => {
    const lake = new FolderLake(DATA);
    const frame = await loadFrame(lake, "flights", {
      where: "month in (2, 3) and dep_delay > 600",
      columns: ["year", "month", "carrier", "dep_delay"],
    });
    expect(lake.downloads.sort()).toEqual([
      "flights/year=2013/month=02/flights.parquet",
      "flights/year=2013/month=03/flights.parquet",
    ]);
    expect(new Set(column(frame, "month") as number[])).toEqual(new Set([2, 3]));
    expect(Math.min(...(column(frame, "dep_delay") as number[]))).toBeGreaterThan(600);
  });

  it("keeps downloads for the next call, and loads anew what has changed", async () => {
    const lake = new FolderLake(folder);
    await lake.write("kept.csv", "a\n1\n");
    await loadFrame(lake, "kept.csv");
    await loadFrame(lake, "kept.csv");
    expect(lake.downloads).toEqual(["kept.csv"]);
    await lake.write("kept.csv", "a\n22\n");
    expect(column(await loadFrame(lake, "kept.csv"), "a")).toEqual([22]);
  });

  it("does not trust a copy from before the machine was started", async () => {
    const lake = new FolderLake(folder);
    await lake.write("old.csv", "a\n1\n");
    await loadFrame(lake, "old.csv");
    const [copy = ""] = globSync(join(folder, "cache/*/old.csv"));
    await utimes(copy, 0, 0);
    await loadFrame(lake, "old.csv");
    expect(lake.downloads).toEqual(["old.csv", "old.csv"]);
  });

  it("does not trust a copy of another size than was listed", async () => {
    const lake = new FolderLake(folder);
    await lake.write("cut.csv", "a\n1\n2\n");
    await loadFrame(lake, "cut.csv");
    const [copy = ""] = globSync(join(folder, "cache/*/cut.csv"));
    await truncate(copy, 4);
    expect(column(await loadFrame(lake, "cut.csv"), "a")).toEqual([1, 2]);
    expect(lake.downloads).toEqual(["cut.csv", "cut.csv"]);
  });

  it("tells nulls from empty text", async () => {
    const frame = await load("nulls.csv", 'n,t\n,""\n1,\nNA,x\n', { nulls: ["NA"] });
    expect(column(frame, "n")).toEqual([null, 1, null]);
    expect(column(frame, "t")).toEqual(["", null, "x"]);
  });

  it.each([
    ["a fraction", "2.5", [1, 2.5]],
    ["a word", "x", ["1", "x"]],
    ["an integer beyond 2^53", "9007199254740993", ["1", "9007199254740993"]],
    ["an integer beyond 64 bits", "92233720368547758079", ["1", "92233720368547758079"]],
    ["a number beyond 64 bits", "1e300", [1, 1e300]],
    ["no number", "nan", [1, Number.NaN]],
  ])("does not bend %s after 30,000 integers", async (_, last, expected) => {
    const frame = await load("late.csv", `a\n${"1\n".repeat(30_000)}${last}\n`);
    expect([column(frame, "a")[0], column(frame, "a")[30_000]]).toEqual(expected);
  });

  it.each([
    ["a time", "2013-01-02 10:30:00", new Date("2013-01-02T10:30:00Z")],
    ["an offset", "2013-01-02T10:30:00+02:00", "2013-01-02T10:30:00+02:00"],
    ["a word", "not a date", "not a date"],
    ["a word for a date", "infinity", "infinity"],
  ])("does not cut %s off a date after 30,000 dates", async (_, last, expected) => {
    const frame = await load("late-date.csv", `d\n${"2013-01-02\n".repeat(30_000)}${last}\n`);
    expect(column(frame, "d")[30_000]).toEqual(expected);
  });

  it.each([
    ["seconds", "2013-01-02T10:30:00", new Date("2013-01-02T10:30:00Z")],
    ["milliseconds", "2013-01-02 10:30:00.25", new Date("2013-01-02T10:30:00.25Z")],
    ["no seconds", "2013-01-02 10:30", new Date("2013-01-02T10:30:00Z")],
    ["a Z", "2013-01-02T10:30:00Z", "2013-01-02T10:30:00Z"],
    ["a Z in place of a digit", "2013-01-02 10:30:0Z", "2013-01-02 10:30:0Z"],
    ["an offset", "2013-01-02 10:30:00+02", "2013-01-02 10:30:00+02"],
    ["an offset and no seconds", "2013-01-02 10:30+02", "2013-01-02 10:30+02"],
    ["a word for a time", "infinity", "infinity"],
    ["nanoseconds", "2013-01-02 10:30:00.123456789", "2013-01-02 10:30:00.123456789"],
    ["19 other signs", "this is not a  time", "this is not a  time"],
  ])("does not bend %s after 30,000 timestamps", async (_, last, expected) => {
    const text = `t\n${"2013-01-02 10:30:00\n".repeat(30_000)}${last}\n`;
    expect(column(await load("late-time.csv", text), "t")[30_000]).toEqual(expected);
  });

  it("keeps the rows of a large file in their order", async () => {
    const rows = Array.from({ length: 400_000 }, (_, row) => `${row},some text of row ${row}`);
    const frame = await load("order.csv", `n,t\n${rows.join("\n")}\n`);
    expect(column(frame, "n").every((value, row) => value === row)).toBe(true);
    expect(column(frame, "t")[399_999]).toBe("some text of row 399999");
  });

  it("does not guess which of day and month comes first", async () => {
    const text = "d\n01/02/2013\n03/04/2013\n";
    expect(column(await load("ambiguous.csv", text), "d")).toEqual(["01/02/2013", "03/04/2013"]);
    const asked = await load("ambiguous.csv", text, { dateFormat: "%d/%m/%Y" });
    expect(column(asked, "d")[0]).toEqual(new Date("2013-02-01T00:00:00Z"));
  });

  it("keeps microseconds by leaving such a column as text", async () => {
    const frame = await load("micro.csv", "t\n2013-01-02 10:00:00.123456\n2013-01-02 10:00:00\n");
    expect(column(frame, "t")).toEqual(["2013-01-02 10:00:00.123456", "2013-01-02 10:00:00"]);
  });

  it("reads decimal commas, semicolons, a BOM and Latin-1", async () => {
    const frame = await load("german.csv", "\uFEFFStadt;Preis\nKöln;1,5\n", { decimal: "," });
    expect(frame.columns).toEqual(["Stadt", "Preis"]);
    expect(frame.values).toEqual([["Köln", 1.5]]);
    const latin = Buffer.from("Stadt\nKöln\n", "latin1");
    expect(await refusal(load("latin.csv", latin))).toContain('{ encoding: "windows-1252" }');
    const read = await load("latin.csv", latin, { encoding: "latin-1" });
    expect(read.values).toEqual([["Köln"]]);
  });

  it("refuses files that differ in their columns, or unites them when asked", async () => {
    const lake = new FolderLake(folder);
    await lake.write("parts/1.csv", "a,b\n1,2\n");
    await lake.write("parts/2.csv", "b,c\n3,x\n");
    expect(await refusal(loadFrame(lake, "parts"))).toBe(
      "FrameError [SCHEMA_MISMATCH]: parts/2.csv lacks a and has c besides, compared with parts/1.csv\n" +
        '  Say { schemas: "union" } to have all columns, null where a file lacks one.',
    );
    const frame = await loadFrame(lake, "parts", { schemas: "union" });
    expect(frame.columns).toEqual(["a", "b", "c"]);
    expect(frame.values).toEqual([
      [1, 2, null],
      [null, 3, "x"],
    ]);
  });

  it("refuses more rows or bytes than the limit", async () => {
    const text = `a\n${"1\n".repeat(5000)}`;
    expect(await refusal(load("many.csv", text, { maxRows: 4999 }))).toContain("[TOO_LARGE]");
    expect(await refusal(load("many.csv", text, { maxBytes: 100 }))).toContain("[TOO_LARGE]");
    expect((await load("many.csv", text, { maxRows: 5000 })).shape).toEqual([5000, 1]);
  });

  it("draws the same sample at every call", async () => {
    const lake = new FolderLake(DATA);
    const draw = () => loadFrame(lake, "planes/planes.ndjson", { sample: 5, columns: ["tailnum"] });
    const [one, two] = [await draw(), await draw()];
    expect(one.shape).toEqual([5, 1]);
    expect(one.values).toEqual(two.values);
  });

  it.each([
    ["NO_FILES", "nothing/*.csv", {}],
    ["NO_COLUMN", "airlines/airlines.csv", { columns: ["nope"] }],
    ["BAD_SQL", "airlines/airlines.csv", { where: "carrier = = 1" }],
    ["UNKNOWN_FORMAT", "weather/seattle.csv.xyz", {}],
  ])("says %s", async (code, place, options) => {
    const lake = new FolderLake(code === "UNKNOWN_FORMAT" ? folder : DATA);
    if (code === "UNKNOWN_FORMAT") await lake.write(place, "a\n");
    expect(await refusal(loadFrame(lake, place, options))).toContain(`FrameError [${code}]`);
  });
});
