import { deepStrictEqual } from "node:assert/strict";
import { appendFile, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LoadProgress } from "../../src/frames/cache/load-progress.ts";
import type { DataFrame } from "../../src/frames/danfo/danfo-module.ts";
import { loadedColumns } from "../../src/frames/danfo/lazy-frame.ts";
import { type LoadFrameOptions, loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import { CsvColumn } from "../../src/frames/read/plain-csv/csv-column.ts";
import type { Lake } from "../../src/lake/lake.ts";
import type { ContractLake } from "../lake/contract/contract-lake.ts";
import { startLake } from "../lake/start-lake.ts";
import { FolderLake } from "./folder-lake.ts";
import { LINES, PLAIN, ROWS } from "./plain-rows.ts";
import { scratchFolder } from "./scratch-folder.ts";

// CSV files that are large enough to be parsed while they arrive, over TLS and from a folder.

const folder = new FolderLake(scratchFolder());
let served: ContractLake;
let lake: Lake;

beforeAll(async () => {
  served = await startLake(2);
  lake = served.lake;
});
afterAll(() => served.close());

/** Columns, as far as they can be told apart; the strict reading is that of a condition. */
function shown(frame: DataFrame) {
  return loadedColumns(frame)?.columns.map((column) => ({
    nulls: column.nulls,
    isInt32: column.isInt32,
    middle: column.slice(20_470, 20_490),
    ...{ name: column.name, type: column.type, kind: column.kind, values: column.values },
  }));
}
const outcome = (loading: Promise<DataFrame>) =>
  loading.then(shown, ({ code, message }) => ({ code, message }));
const isOwn = (frame: DataFrame) => loadedColumns(frame)?.columns[0] instanceof CsvColumn;

describe.each([["over TLS"], ["from a folder"]])("a plain CSV file %s", (place) => {
  const put = (path: string, content: string | Uint8Array) =>
    place === "over TLS"
      ? lake.write(path, content, { overwrite: true })
      : folder.write(path, content);
  const load = (path: string, options: LoadFrameOptions = {}) =>
    loadFrame(place === "over TLS" ? lake : folder, path, options);

  it("is read as the strict reading reads it, and again from its copy", async () => {
    await put("plain.csv", PLAIN);
    const first = await load("plain.csv");
    expect(isOwn(first)).toBe(true);
    const again = await load("plain.csv");
    expect(isOwn(again)).toBe(true);
    const strict = await load("plain.csv", { where: "true" });
    expect(isOwn(strict)).toBe(false);
    deepStrictEqual(shown(first), shown(strict));
    deepStrictEqual(shown(again), shown(strict));
  });

  it("with Windows line ends and tabs, and columns of one's choice", async () => {
    await put("plain.tsv", PLAIN.replaceAll(",", "\t").replaceAll("\n", "\r\n"));
    const columns = ["word", "price", "id"];
    const own = await load("plain.tsv", { columns });
    expect(isOwn(own)).toBe(true);
    deepStrictEqual(shown(own), shown(await load("plain.tsv", { columns, where: "true" })));
    await expect(load("plain.tsv", { columns: ["Word"] })).rejects.toMatchObject({
      code: "NO_COLUMN",
    });
  });
});

describe("a CSV file", () => {
  const last = (cells: Record<number, string>) =>
    LINES[1]?.map((cell, index) => cells[index] ?? cell).join(",");
  it.each([
    ["a quote", last({ 1: '"a, ""b"' })],
    ["a fraction among whole numbers", last({ 0: "2.5" })],
    ["a long number", last({ 5: "123456789012345.678" })],
    ["a number with surplus zeros", last({ 0: "007" })],
    ["microseconds", last({ 3: "2024-01-01 00:00:00.123456" })],
    ["a time among dates", last({ 2: "2024-01-01 10:00:00" })],
    ["a day that is none", last({ 2: "2024-02-30" })],
    ["a word for a boolean", last({ 6: "yes" })],
    ["a text, and later a quote", `${last({ 0: "x" })}\n${last({ 1: '"b"' })}`],
    ["a cell too few", "1,2"],
    ["a cell too many", `${last({})},x`],
    ["an empty cell too many", `${last({})},\n${last({})}`],
    ["an empty line", `\n${last({})}`],
    ["a lone carriage return", last({ 7: "a\rb" })],
    ["no UTF-8", Buffer.from([0x31, 0x2c, 0xe9])],
    ["a character cut in two", Buffer.from([...Buffer.from(last({}) ?? ""), 0xc3])],
  ])("that has %s at its end is left to the strict reading", async (_, end) => {
    const bytes = Buffer.concat([Buffer.from(`${PLAIN}\n`), Buffer.from(end ?? "")]);
    await folder.write("odd.csv", bytes);
    const own = await outcome(loadFrame(folder, "odd.csv"));
    deepStrictEqual(own, await outcome(loadFrame(folder, "odd.csv", { where: "true" })));
  });
});

it("whose columns are empty in the first rows, or have a text behind them, is read in the own way, too", async () => {
  const last = (cells: Record<number, string>) =>
    LINES[1]?.map((cell, index) => cells[index] ?? cell).join(",");
  const ends = [last({ 0: "N/A" }), last({ 2: "unknown", 5: "None" }), last({ 0: "A-17" })];
  const header = PLAIN.slice(0, PLAIN.indexOf("\n"));
  const rows = [...LINES.map((line) => line.join(",")), ...ends];
  const late = ["", "7", "", "9", "", "0.5"];
  const lines = rows.map((row, index) => {
    const from = rows.length - late.length;
    return index < from ? `${row},,` : `${row},${late[index - from]},${index % 2 ? "x" : ""}`;
  });
  await folder.write("mixed.csv", [`${header},late,word2`, ...lines].join("\n"));
  const own = await loadFrame(folder, "mixed.csv");
  expect(isOwn(own)).toBe(true);
  deepStrictEqual(shown(own), shown(await loadFrame(folder, "mixed.csv", { where: "true" })));
  expect(own.column("id").values.slice(-4)).toEqual([`${ROWS - 1}`, "N/A", "1", "A-17"]);
});

it.each([
  // In rows that follow at once, near the end, and none in those before.
  ["whose many columns have their values at its end", 60, 12_000, (row: number) => row > 11_900],
  ["whose rows are longer than what tells the kinds", 60, 35, (row: number) => row > 20],
])("%s is read in the own way, too", async (_, columns, rows, hasValues) => {
  const cellOf = (row: number, column: number) => {
    if (!hasValues(row) || row % 7 === column % 7) return "";
    return [`${row * column}`, `${row}.5`, "x", "2024-01-31"][column % 4];
  };
  const lines = Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => cellOf(row, column)).join(","),
  );
  const padded = lines.map((line, row) => `${row},${"y".repeat(3e6 / rows)},${line}`);
  const names = Array.from({ length: columns }, (_, column) => `c${column}`);
  await folder.write("late.csv", [`row,pad,${names.join(",")}`, ...padded].join("\n"));
  const own = await loadFrame(folder, "late.csv");
  expect(isOwn(own)).toBe(true);
  deepStrictEqual(shown(own), shown(await loadFrame(folder, "late.csv", { where: "true" })));
});

describe("a CSV file that is read while it arrives", () => {
  it("of several blocks is read whole, and from its copy too", async () => {
    const lines = Array.from(
      { length: 34_000 },
      (_, row) => `${row},${"x".repeat(1000)}${row % 10}`,
    );
    const text = `no,text\n${lines.join("\n")}`;
    await lake.write("blocks.csv", text, { overwrite: true });
    for (const from of ["lake", "copy"]) {
      const frame = await loadFrame(lake, "blocks.csv");
      expect([from, isOwn(frame)]).toEqual([from, true]);
      const values = frame.column("no").values as number[];
      expect(values.length).toBe(34_000);
      expect(values.every((value, row) => value === row)).toBe(true);
      expect(frame.column("text").values.join("\n")).toBe(
        lines.map((line) => line.split(",")[1]).join("\n"),
      );
    }
  });

  it("comes once, and its copy is there soon", async () => {
    await folder.write("once.csv", PLAIN);
    const before = folder.bytes;
    await loadFrame(folder, "once.csv");
    await loadFrame(folder, "once.csv", { where: "id < 5" });
    expect(folder.bytes - before).toBe(Buffer.byteLength(PLAIN));
  });

  it("comes once where several want it at once", async () => {
    await folder.write("shared.csv", PLAIN);
    const before = folder.bytes;
    const [one, two, asked] = await Promise.all([
      loadFrame(folder, "shared.csv"),
      loadFrame(folder, "shared.csv"),
      query(folder, "select id, price from 'shared.csv'"),
    ]);
    expect(folder.bytes - before).toBe(Buffer.byteLength(PLAIN));
    expect([isOwn(one), isOwn(two), asked.shape[0]]).toEqual([true, true, ROWS]);
    deepStrictEqual(shown(two), shown(one));
  });

  it("comes once where the strict reading has to read it", async () => {
    await folder.write("quoted.csv", `${PLAIN}\n${'1,"x",,,,,,\n'}`);
    const before = folder.bytes;
    const reports: LoadProgress[] = [];
    const frame = await loadFrame(folder, "quoted.csv", { onProgress: (at) => reports.push(at) });
    expect([frame.shape[0], isOwn(frame)]).toEqual([ROWS + 1, false]);
    const { size } = await stat(join(folder.root, "quoted.csv"));
    expect(folder.bytes - before).toBe(size);
    expect(reports.at(-1)).toMatchObject({
      phase: "read",
      bytesDone: size,
      bytesCached: 0,
      filesDone: 1,
    });
  });

  it("tells how far it is", async () => {
    await lake.write("told.csv", PLAIN, { overwrite: true });
    const reports: LoadProgress[] = [];
    await loadFrame(lake, "told.csv", { onProgress: (at) => reports.push(at) });
    const size = Buffer.byteLength(PLAIN);
    expect(reports[0]).toMatchObject({ phase: "download", bytes: size, bytesDone: 0 });
    expect(reports.length).toBeGreaterThan(4);
    expect(reports.at(-1)).toMatchObject({
      phase: "read",
      bytesDone: size,
      filesDone: 1,
      bytesCached: 0,
    });
    expect(
      reports.every(({ bytesDone }, index) => bytesDone >= (reports[index - 1]?.bytesDone ?? 0)),
    ).toBe(true);
  });

  it("stops when it is told to", async () => {
    await lake.write("stopped.csv", PLAIN, { overwrite: true });
    const stop = new AbortController();
    const loading = loadFrame(lake, "stopped.csv", {
      signal: stop.signal,
      onProgress: ({ bytesDone }) => bytesDone > 0 && stop.abort(new Error("enough")),
    });
    await expect(loading).rejects.toThrow("enough");
    expect((await loadFrame(lake, "stopped.csv")).shape[0]).toBe(ROWS);
  });

  it("is refused where fewer bytes come than were listed", async () => {
    await folder.write("short.csv", PLAIN);
    const short = Object.assign(Object.create(folder) as FolderLake, {
      read: async (name: string, options: object) =>
        (await folder.read(name, options)).subarray(0, -10),
    });
    await expect(loadFrame(short, "short.csv")).rejects.toMatchObject({ code: "CHANGED" });
    const asked = query(short, "select id, price from 'short.csv'");
    await expect(asked).rejects.toMatchObject({ code: "CHANGED" });
  });

  it("is refused where another version takes its place meanwhile", async () => {
    await folder.write("changing.csv", PLAIN);
    const path = join(folder.root, "changing.csv");
    const replaced = Object.assign(Object.create(folder) as FolderLake, {
      read: async (name: string, options: object) => {
        await appendFile(path, "\nmore");
        await utimes(path, 1, 1);
        return folder.read(name, options);
      },
    });
    await expect(loadFrame(replaced, "changing.csv")).rejects.toMatchObject({ code: "CHANGED" });
  });

  it("is refused beyond a limit of rows", async () => {
    await folder.write("long.csv", PLAIN);
    const loading = loadFrame(folder, "long.csv", { maxRows: ROWS - 1 });
    await expect(loading).rejects.toMatchObject({ code: "TOO_LARGE" });
  });
});
