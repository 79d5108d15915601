import { type CellObject, SSF } from "@e965/xlsx";

const DAY = 86_400_000;
// Excel counts days from 1900 with a 29 February 1900 that never was, so from its 61st day on the
// count is one too high; see "date systems" in ECMA-376 part 1, 18.17.4.1.
const DAYS_TO_1970 = 25_569;
const LEAP_DAY = 60;
const DAYS_1904 = 1462;

type Cell = CellObject | undefined;

/**
 * The values of a column, all of one type: numbers, booleans, Dates whose UTC fields are the
 * written ones, or text where cells differ in type. Times of day and durations are text.
 */
export function columnOf(cells: readonly Cell[], is1904: boolean): unknown[] {
  const values = cells.map((cell) => plainOf(cell, is1904));
  const known = values.filter((value) => value !== null);
  const types = new Set(known.map((value) => (value instanceof Date ? "date" : typeof value)));
  return types.size > 1 ? values.map(asText) : values;
}

function plainOf(cell: Cell, is1904: boolean): string | number | boolean | Date | null {
  if (!cell || cell.t === "z" || cell.t === "e" || cell.v === undefined) return null;
  // pandas writes a null so; in a sheet, it looks the same as an empty cell.
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
  // A format is of days if it shows a year or a day; what it says in quotes or brackets aside.
  const shown = format.replace(/"[^"]*"|\[[^\]]*\]|\\./g, "");
  if (!/[ydbe]/i.test(shown)) return clock(count);
  const since1900 = is1904 ? count + DAYS_1904 : count;
  const days = since1900 < LEAP_DAY ? since1900 + 1 : since1900;
  // A double holds a moment of today to some microseconds: the written millisecond is the nearest.
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
