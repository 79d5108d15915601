import { isMissing as hasNoValue } from "../../core/missing.ts";
import { timeType } from "../../core/time-type.ts";

/** What this module reads of a Danfo DataFrame; rows are never asked for. */
export interface FrameLike {
  readonly columns: readonly string[];
  readonly dtypes: readonly string[];
  /** Rows and columns. */
  readonly shape: readonly number[];
  /** One array a column: what Danfo holds beside its rows, so that reading it costs nothing. */
  readonly getColumnData: unknown;
}

/** A dataframe, an array of objects, or an object of columns. */
export type Tabular = FrameLike | readonly object[] | Readonly<Record<string, ArrayLike<unknown>>>;

/** One named column of any tabular thing, with its values in row order. */
export interface Column {
  readonly name: string;
  /** `integer`, `number`, `text`, `boolean`, `date`, `timestamp`: by one name, whatever the frame was made by. */
  readonly type: string;
  readonly values: ArrayLike<unknown>;
}

/** Columns of equal length. */
export interface ColumnTable {
  readonly columns: readonly Column[];
  readonly rows: number;
}

/** `data` column by column, without copying a frame's values. */
export function columnsOf(data: Tabular): ColumnTable {
  if (isFrame(data)) return columnsOfFrame(data);
  const named = isRows(data) ? transpose(data) : Object.entries(data);
  const columns = named.map(([name, values]) => ({ name, type: typeOf(values), values }));
  return { columns, rows: Math.max(0, ...columns.map(({ values }) => values.length)) };
}

/** What Danfo and JavaScript call types, by the names that a loaded frame has for them. */
const TYPES: Readonly<Record<string, string>> = {
  int32: "integer",
  bigint: "integer",
  float32: "number",
  string: "text",
};

function typeName(type: string): string {
  return TYPES[type] ?? type;
}

/** Whether a cell holds no value: null, undefined, NaN or an invalid date. */
export function isMissing(value: unknown): boolean {
  return hasNoValue(value) || (value instanceof Date && Number.isNaN(value.getTime()));
}

function isRows(data: Tabular): data is readonly object[] {
  return Array.isArray(data);
}

function isFrame(data: Tabular): data is FrameLike {
  return "getColumnData" in data && "dtypes" in data;
}

function columnsOfFrame({ columns, dtypes, shape, getColumnData }: FrameLike): ColumnTable {
  // An empty frame has no column arrays at all.
  const held = getColumnData as readonly (ArrayLike<unknown> | undefined)[];
  return {
    columns: columns.map((name, j) => ({
      name,
      get type() {
        const dtype = dtypes[j] ?? "";
        return dtype === "datetime" ? timeType(held[j] ?? []) : typeName(dtype);
      },
      // A frame may make the values of a column only when they are asked for.
      get values() {
        return held[j] ?? [];
      },
    })),
    rows: shape[0] ?? 0,
  };
}

function transpose(objects: readonly object[]): [string, unknown[]][] {
  const rows = objects as readonly Readonly<Record<string, unknown>>[];
  const names = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) names.add(name);
  return Array.from(names, (name) => [name, rows.map((row) => row[name])]);
}

/** The one type of the values that are there; `mixed` when they differ. */
function typeOf(values: ArrayLike<unknown>): string {
  const types = new Set<string>();
  for (let i = 0; i < values.length && types.size < 2; i++) {
    const value = values[i];
    if (value === null || value === undefined) continue;
    types.add(value instanceof Date ? "datetime" : typeof value);
  }
  if (types.size === 1 && types.has("datetime")) return timeType(values);
  return types.size > 1 ? "mixed" : typeName([...types][0] ?? "empty");
}
