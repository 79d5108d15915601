import type { Columns } from "../read/values/fetch-columns.ts";
import type { FrameColumn } from "../read/values/frame-column.ts";
import type { DanfoModule, DataFrame, Series } from "./danfo-module.ts";

/** Fields of Danfo's own that a frame is put together from; see NDframe in danfojs-node 1.2.0. */
interface Internals {
  $data: unknown[];
  $dataIncolumnFormat: unknown[];
  $index: (number | string)[];
  $columns: string[];
  $dtypes: string[];
  $setInternalColumnDataProperty(column?: string): void;
}

type Dtype = "int32" | "float32" | "string" | "boolean" | "datetime";

const DTYPES = {
  text: "string",
  boolean: "boolean",
  date: "datetime",
  timestamp: "datetime",
} as const;

/** The columns that a frame was loaded from, while it still is as it was loaded. */
const loadedFrom = new WeakMap<object, Columns>();

/** The columns that `frame` was loaded from, unless its values may have changed since. */
export function loadedColumns(frame: object): Columns | undefined {
  return loadedFrom.get(frame);
}

/**
 * A Danfo DataFrame over columns. Danfo's constructor would turn columns into rows and back, which
 * takes seconds for a million rows; here rows are made when something first asks for rows, and a
 * column's values when it is first asked for.
 */
export function makeFrame(danfo: DanfoModule, loaded: Columns): DataFrame {
  const frame = new danfo.DataFrame();
  const inner = frame as unknown as Internals;
  inner.$columns = loaded.columns.map(({ name }) => name);
  inner.$dtypes = loaded.columns.map(dtypeOf);
  inner.$index = countTo(loaded.rows);
  inner.$dataIncolumnFormat = lazyColumns(loaded.columns);
  loadedFrom.set(frame, loaded);
  lazyRows(frame, inner, loaded);
  addMethods(danfo, frame, inner, loaded);
  inner.$setInternalColumnDataProperty();
  return frame;
}

function countTo(rows: number): number[] {
  const index: number[] = new Array(rows);
  for (let row = 0; row < rows; row++) index[row] = row;
  return index;
}

function dtypeOf(column: FrameColumn): Dtype {
  if (column.kind !== "number") return DTYPES[column.kind];
  return column.isInt32 ? "int32" : "float32";
}

function lazyColumns(columns: readonly FrameColumn[]): unknown[] {
  const lists: unknown[] = [];
  for (const [index, column] of columns.entries()) {
    Object.defineProperty(lists, index, {
      get: () => column.values,
      set: (value) => Object.defineProperty(lists, index, { value, writable: true }),
      enumerable: true,
      configurable: true,
    });
  }
  return lists;
}

/** Until rows are asked for or set, the shape comes from the columns. */
function lazyRows(frame: DataFrame, inner: Internals, { rows, columns }: Columns): void {
  Object.defineProperty(frame, "shape", {
    get: () => [rows, columns.length],
    configurable: true,
  });
  const settle = (data: unknown[]) => {
    Object.defineProperty(inner, "$data", { value: data, writable: true, enumerable: true });
    Reflect.deleteProperty(frame, "shape");
    return data;
  };
  Object.defineProperty(inner, "$data", {
    get: () => settle(toRows(columns, rows)),
    // Whoever sets rows has changed the frame.
    set: (data: unknown[]) => {
      loadedFrom.delete(frame);
      settle(data);
    },
    configurable: true,
    enumerable: true,
  });
}

function toRows(columns: readonly FrameColumn[], count: number): unknown[][] {
  const lists = columns.map((column) => column.values);
  return Array.from({ length: count }, (_, row) => lists.map((list) => list[row]));
}

/** Danfo's own versions of these go through all rows, or copy the whole index. */
function addMethods(danfo: DanfoModule, frame: DataFrame, inner: Internals, loaded: Columns): void {
  const part = (start: number, end: number) => {
    const columns = loaded.columns.map((column) => column.slice(start, end));
    const values = Array.from({ length: end - start }, (_, row) =>
      columns.map((list) => list[row]),
    );
    return new danfo.DataFrame(values, {
      columns: [...inner.$columns],
      dtypes: [...inner.$dtypes],
      index: inner.$index.slice(start, end),
    });
  };
  const untouched = () => loadedFrom.has(frame) && Object.hasOwn(frame, "shape");
  const { head, tail } = frame;
  const count = (rows: number) => Math.min(rows, loaded.rows);
  define(frame, "head", (rows = 5) =>
    untouched() && rows > 0 && loaded.rows > 0 ? part(0, count(rows)) : head.call(frame, rows),
  );
  define(frame, "tail", (rows = 5) =>
    untouched() && rows > 0 && loaded.rows > 0
      ? part(loaded.rows - count(rows), loaded.rows)
      : tail.call(frame, rows),
  );
  define(frame, "$getColumnData", (name: string, asSeries = true) => {
    const index = inner.$columns.indexOf(name);
    if (index < 0) throw new Error(`no column ${name}; there are ${inner.$columns.join(", ")}`);
    const values = inner.$dataIncolumnFormat[index] as unknown[];
    return asSeries ? makeSeries(danfo, inner, index, values) : values;
  });
  const { $setColumnData } = frame as unknown as { $setColumnData: (...values: never[]) => void };
  define(frame, "$setColumnData", (...values: never[]) => {
    loadedFrom.delete(frame);
    $setColumnData.apply(frame, values);
  });
}

function define(frame: object, name: string, value: unknown): void {
  Object.defineProperty(frame, name, { value, writable: true, configurable: true });
}

function makeSeries(
  danfo: DanfoModule,
  inner: Internals,
  index: number,
  values: unknown[],
): Series {
  const series = new danfo.Series([]);
  const own = series as unknown as Internals;
  own.$data = values;
  own.$dataIncolumnFormat = values;
  own.$index = inner.$index;
  own.$columns = [inner.$columns[index] ?? ""];
  own.$dtypes = [inner.$dtypes[index] ?? "string"];
  return series;
}
