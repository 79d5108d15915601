import { FrameError } from "../../core/errors.ts";
import { nearNames } from "../../core/near-names.ts";
import { columnText, count, shorten } from "../table/column-text.ts";
import {
  type Column,
  type ColumnTable,
  columnsOf,
  isMissing,
  type Tabular,
} from "../table/columns.ts";

/** A column as positions on a scale; NaN where there is no value. Times are Unix milliseconds. */
export interface Positions {
  readonly kind: "number" | "time";
  readonly at: Float64Array;
}

/** The rows to plot. @throws FrameError `NOTHING_TO_PLOT` when there are none */
export function rowsOf(data: Tabular): ColumnTable {
  const table = columnsOf(data);
  if (table.rows === 0 || table.columns.length === 0) {
    throw new FrameError("NOTHING_TO_PLOT", "the frame has no rows to plot", {
      hint: "Check the filter or the path that led to it: `frame.shape` shows its size.",
    });
  }
  return table;
}

/** @throws FrameError `UNKNOWN_COLUMN` */
export function field({ columns }: ColumnTable, name: string, option: string): Column {
  const match = columns.find((column) => column.name === name);
  if (match) return match;
  const names = columns.map((column) => column.name);
  const near = nearNames(names, name);
  const hint = near.length
    ? `Did you mean ${near.map((each) => `"${each}"`).join(" or ")}?`
    : `Its columns: ${shorten(names.join(", "), 300)}`;
  throw new FrameError("UNKNOWN_COLUMN", `${option}: the frame has no column "${name}"`, { hint });
}

/** The numbers of a column. @throws FrameError `NOT_NUMERIC` */
export function numbersOf(column: Column, option: string): Float64Array {
  const { kind, at } = positionsOf(column, option);
  if (kind === "number") return at;
  throw notNumeric(column, option, "dates", "Dates go on the x axis of plotLine and plotScatter.");
}

/**
 * The numbers, dates or ISO 8601 dates of a column. A text without a time zone is taken as UTC.
 *
 * @throws FrameError `NOT_NUMERIC`, or `NOTHING_TO_PLOT` when the column has no value at all
 */
export function positionsOf(column: Column, option: string): Positions {
  const { name, values } = column;
  const at = new Float64Array(values.length).fill(Number.NaN);
  let kind: Positions["kind"] | undefined;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (isMissing(value)) continue;
    const here = typeof value === "number" || typeof value === "bigint" ? "number" : "time";
    kind ??= here;
    const position = here === "number" ? Number(value) : timeOf(value);
    if (here !== kind || Number.isNaN(position)) {
      const sample = typeof value === "string" ? `"${shorten(value, 40)}"` : String(value);
      throw notNumeric(column, option, `${sample} in row ${count(i + 1)}`, HINT);
    }
    at[i] = Number.isFinite(position) ? position : Number.NaN;
  }
  if (kind) return { kind, at };
  throw new FrameError("NOTHING_TO_PLOT", `${option}: the column "${name}" has no values`);
}

/** The values of a column as labels; what is missing is labelled as such. */
export function labelsOf({ values }: Column): string[] {
  const dates: Date[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value instanceof Date && !isMissing(value)) dates.push(value);
  }
  const dated = columnText(dates);
  const plain = columnText([""]);
  return Array.from({ length: values.length }, (_, i) => {
    const value = values[i];
    return value instanceof Date ? dated.text(value) : plain.text(value);
  });
}

const HINT = "Convert the column first, or name one that holds numbers.";

function notNumeric({ name }: Column, option: string, holds: string, hint: string): FrameError {
  const message = `${option}: the column "${name}" does not hold numbers: ${holds}`;
  return new FrameError("NOT_NUMERIC", message, { hint });
}

const ISO = /^\d{4}-\d\d(-\d\d)?([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[-+]\d\d:?\d\d)?)?$/;

/** Whether a text is a month, a date or a time of ISO 8601. */
export function isDateText(text: string): boolean {
  return ISO.test(text);
}

function timeOf(value: unknown): number {
  if (value instanceof Date) return value.getTime();
  if (typeof value !== "string" || !isDateText(value)) return Number.NaN;
  const zoned = /[T ].*(Z|[-+]\d\d:?\d\d)$/.test(value) || !/[T ]/.test(value);
  return Date.parse(zoned ? value.replace(" ", "T") : `${value.replace(" ", "T")}Z`);
}
