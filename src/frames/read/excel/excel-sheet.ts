import { type CellObject, read, SSF, utils, type WorkBook, type WorkSheet } from "@e965/xlsx";
import { FrameError } from "../../../core/errors.ts";
import type { StagedFile } from "../../cache/stage.ts";
import { maxColumnsOf, tooManyColumns } from "../column-limit.ts";
import { readWhole, tooManyBytes } from "../compressed-files.ts";
import type { ReadOptions } from "../read-options.ts";
import { checkZip } from "./zip-check.ts";

type Rows = readonly (readonly (CellObject | undefined)[] | undefined)[];

export interface SheetColumn {
  readonly name: string;
  readonly values: unknown[];
}

/**
 * Reads a sheet of a workbook; see `excelTable`.
 *
 * @throws FrameError `BAD_FILE`, `NO_SHEET`, `NO_HEADER`, `EMPTY_FILE`, `TOO_LARGE`
 */
export async function readSheet(file: StagedFile, options: ReadOptions): Promise<SheetColumn[]> {
  const { path } = file.entry;
  const maxColumns = maxColumnsOf(options);
  const book = openBook(await readWhole(file.localPath, maxBytesOf(options), path), path, options);
  const { cells, width } = cellsOf(sheetOf(book, path, options.sheet));
  if (width > maxColumns) throw tooManyColumns(path, width, maxColumns);
  const from = options.skip ?? 0;
  const { header = true } = options;
  if (cells.length <= from) {
    throw new FrameError("EMPTY_FILE", `${path} has no rows in this sheet`, {
      hint: `There are the sheets ${book.SheetNames.join(", ")}: choose with { sheet }.`,
    });
  }
  const rows = cells.slice(header ? from + 1 : from);
  const is1904 = book.Workbook?.WBProps?.date1904 ?? false;
  const values = new Map<string, unknown[]>();
  for (let index = 0; index < width; index++) {
    const column = rows.map((row) => row?.[index]);
    const title = header ? cells[from]?.[index] : undefined;
    const hasValues = column.some((cell) => cell !== undefined && cell.t !== "z");
    if (header && !hasValues && title?.v === undefined) continue;
    const name = header ? nameOf(title, path, index) : `column${index}`;
    values.set(distinct(name, values), columnOf(column, is1904));
  }
  return [...values].map(([name, of]) => ({ name, values: of }));
}

function openBook(bytes: Uint8Array, path: string, options: ReadOptions): WorkBook {
  const start = Buffer.from(bytes.subarray(0, 4)).toString("latin1");
  if (start !== "PK\x03\x04") {
    throw new FrameError("BAD_FILE", `${path} is no Excel workbook`, {
      hint: start.startsWith("\xd0\xcf\x11\xe0")
        ? "It is protected by a password, or of the format before 2007. Save it as .xlsx without one."
        : "It was cut off, or is of another format: say which with { format }.",
    });
  }
  try {
    checkZip(bytes, { bytes: maxBytesOf(options), visit: cellBudget(path, options) });
    // Dates stay numbers: the library would shift them by the local time zone.
    return read(bytes, { dense: true, cellNF: true, cellText: false, cellHTML: false });
  } catch (cause) {
    if (cause instanceof FrameError) throw cause;
    if (cause instanceof RangeError) throw tooManyBytes(path, maxBytesOf(options), cause);
    throw new FrameError("BAD_FILE", `${path} cannot be read as an Excel workbook`, {
      hint: `It was cut off or damaged: ${cause instanceof Error ? cause.message : cause}`,
      cause,
    });
  }
}

const MAX_BYTES = 512 * 2 ** 20;
const MAX_CELLS = 50_000_000;

function maxBytesOf({ maxUnpackedBytes = MAX_BYTES }: ReadOptions): number {
  return maxUnpackedBytes;
}

/**
 * Refuses sheets of more cells than the budget before they are parsed, which cannot be interrupted.
 * Empty cells count: a sheet with two cells in its corners has 17,000 million.
 */
function cellBudget(path: string, { maxCells = MAX_CELLS }: ReadOptions) {
  return (name: string, content: Buffer) => {
    if (!/^xl\/worksheets\/[^/]+\.xml$/i.test(name)) return;
    let [rows, columns] = [0, 0];
    // The position of each cell, as in `r="XFD1048576"`, and the number of those without one.
    for (let at = content.indexOf("<c"); at >= 0; at = content.indexOf("<c", at + 2)) {
      const [, letters = "", digits = ""] =
        /^<c\b[^>]*? r="([A-Z]{1,3})(\d{1,7})"/.exec(content.toString("latin1", at, at + 64)) ?? [];
      if (letters) columns = Math.max(columns, utils.decode_col(letters) + 1);
      if (digits) rows = Math.max(rows, Number(digits));
      if (rows * columns > maxCells) throw tooManyCells(path, rows, columns, maxCells);
    }
  };
}

function tooManyCells(path: string, rows: number, columns: number, limit: number): FrameError {
  const count = (value: number) => value.toLocaleString("en");
  return new FrameError(
    "TOO_LARGE",
    `${path} has a sheet of ${count(rows)} rows and ${count(columns)} columns, the limit is ${count(limit)} cells`,
    {
      hint: "Cells far from the others may be there by mistake: delete them. { maxCells } raises the limit.",
    },
  );
}

function sheetOf(book: WorkBook, path: string, requested: string | number = 0): WorkSheet {
  const name = typeof requested === "number" ? book.SheetNames[requested] : requested;
  const sheet = name === undefined ? undefined : book.Sheets[name];
  if (sheet) return sheet;
  throw new FrameError("NO_SHEET", `${path} has no sheet ${requested}`, {
    hint: `There are ${book.SheetNames.join(", ")}; numbers count from 0.`,
  });
}

/** The cells between the first and the last row and column with a value. */
function cellsOf(sheet: WorkSheet): { cells: Rows; width: number } {
  const all = (sheet["!data"] ?? []) as unknown as Rows;
  const used = all.map((row) => (row ?? []).map((cell) => cell !== undefined && cell.t !== "z"));
  const first = used.findIndex((row) => row?.includes(true));
  const last = used.findLastIndex((row) => row?.includes(true));
  if (first < 0 || !sheet["!ref"]) return { cells: [], width: 0 };
  // Computed, as the range that a sheet declares may be too large.
  let [left, right] = [Number.POSITIVE_INFINITY, -1];
  for (const row of used) {
    const start = row?.indexOf(true) ?? -1;
    if (start < 0) continue;
    left = Math.min(left, start);
    right = Math.max(right, row?.lastIndexOf(true) ?? -1);
  }
  const cells = Array.from({ length: last + 1 - first }, (_, row) => all[first + row]?.slice(left));
  return { cells, width: right + 1 - left };
}

function nameOf(title: CellObject | undefined, path: string, index: number): string {
  const name = title?.v === undefined || title.t === "z" ? "" : String(title.v);
  if (name !== "") return name;
  throw new FrameError("NO_HEADER", `${path}: column ${index + 1} has values and no name`, {
    hint: "Say { skip: N } if the names stand further down, or { header: false } if there are none.",
  });
}

function distinct(name: string, known: ReadonlyMap<string, unknown>): string {
  let free = name;
  for (let times = 1; known.has(free); times++) free = `${name}_${times}`;
  return free;
}

const DAY = 86_400_000;
// Excel counts days from 1900 with a 29 February 1900 that never was, so from its 61st day on the
// count is one too high; see "date systems" in ECMA-376 part 1, 18.17.4.1.
const DAYS_TO_1970 = 25_569;
const LEAP_DAY = 60;
const DAYS_1904 = 1462;

type Cell = CellObject | undefined;

/**
 * The values of a column, all of one type: numbers, booleans, Dates whose UTC fields are those of
 * the sheet, or text where types differ. Times of day and durations are text.
 */
function columnOf(cells: readonly Cell[], is1904: boolean): unknown[] {
  const values = cells.map((cell) => plainOf(cell, is1904));
  const known = values.filter((value) => value !== null);
  const types = new Set(known.map((value) => (value instanceof Date ? "date" : typeof value)));
  return types.size > 1 ? values.map(asText) : values;
}

function plainOf(cell: Cell, is1904: boolean): string | number | boolean | Date | null {
  if (!cell || cell.t === "z" || cell.t === "e" || cell.v === undefined) return null;
  // An empty text is null: pandas writes null so.
  if (cell.v === "") return null;
  if (cell.t === "n" && typeof cell.v === "number") {
    return isMoment(cell.z) ? momentOf(cell.v, String(cell.z), is1904) : cell.v;
  }
  return cell.v;
}

function isMoment(format: unknown): boolean {
  return typeof format === "string" && SSF.is_date(format) === true;
}

function momentOf(count: number, format: string, is1904: boolean): Date | string {
  // A date format has a year or a day outside of quotes and brackets.
  const shown = format.replace(/"[^"]*"|\[[^\]]*\]|\\./g, "");
  if (!/[ydbe]/i.test(shown)) return clock(count);
  const since1900 = is1904 ? count + DAYS_1904 : count;
  const days = since1900 < LEAP_DAY ? since1900 + 1 : since1900;
  // A double has a current timestamp to some microseconds: round to milliseconds.
  return new Date(Math.round((days - DAYS_TO_1970) * DAY));
}

function clock(days: number): string {
  const total = Math.round(Math.abs(days) * DAY);
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const time = `${two(total / 3_600_000)}:${two((total / 60_000) % 60)}:${two((total / 1000) % 60)}`;
  const fraction = total % 1000 === 0 ? "" : `.${String(total % 1000).padStart(3, "0")}`;
  return `${days < 0 ? "-" : ""}${time}${fraction}`;
}

function asText(value: unknown): unknown {
  if (value === null) return null;
  if (!(value instanceof Date)) return String(value);
  const text = value.toISOString().replace("T", " ").replace("Z", "");
  return text.replace(/( 00:00:00)?\.000$/, "");
}
