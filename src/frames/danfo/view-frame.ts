import { isMissing } from "../../core/missing.ts";
import { loadedColumns } from "./lazy-frame.ts";

/** A column as it is shown. */
interface ColumnView {
  readonly name: string;
  /** Type in plain words, such as `integer` or `date`. */
  readonly type: string;
  /** Nulls in the whole column. */
  readonly nulls: number;
}

/** The beginning of a dataframe, and what is known of the rest. */
export interface FrameView {
  readonly columns: readonly ColumnView[];
  /** Rows in all. */
  readonly rows: number;
  /** The first rows, each with one value a column. */
  readonly head: readonly (readonly unknown[])[];
  /** Labels of the rows in `head`; absent when they just count from 0. */
  readonly index?: readonly (string | number)[];
}

/** The members of a Danfo frame or series that a view is made of. */
export interface ViewedFrame {
  readonly shape: readonly number[];
  readonly columns: readonly string[];
  readonly dtypes: readonly string[];
  readonly index: readonly (string | number)[];
  readonly values: unknown;
  readonly $dataIncolumnFormat: readonly unknown[];
  readonly $isSeries: boolean;
}

interface SeenColumn extends ColumnView {
  readonly first: readonly unknown[];
}

const ROWS_SHOWN = 10;

const TYPES: Readonly<Record<string, string>> = {
  int32: "integer",
  float32: "number",
  string: "text",
  datetime: "timestamp",
};

/** A view of the first ten rows. Of a loaded frame, no more than those are made for it. */
export function viewFrame(frame: ViewedFrame): FrameView {
  const rows = frame.shape[0] ?? 0;
  const shown = Math.min(rows, ROWS_SHOWN);
  const seen = seeLoaded(frame, shown) ?? seePlain(frame, shown);
  const head = Array.from({ length: shown }, (_, row) => seen.map(({ first }) => first[row]));
  const index = frame.index.slice(0, shown);
  const counts = index.every((label, row) => label === row);
  const columns = seen.map(({ name, type, nulls }) => ({ name, type, nulls }));
  return { columns, rows, head, ...(!counts && { index }) };
}

function seeLoaded(frame: ViewedFrame, shown: number): SeenColumn[] | undefined {
  return loadedColumns(frame)?.columns.map((column) => ({
    name: column.name,
    type: column.kind === "number" ? numberType(column.isInt32, column.type) : column.kind,
    nulls: column.nulls,
    first: column.slice(0, shown),
  }));
}

function numberType(isInt32: boolean, sqlType: string): string {
  return isInt32 || /INT/.test(sqlType) ? "integer" : "number";
}

function seePlain(frame: ViewedFrame, shown: number): SeenColumn[] {
  const lists = frame.$isSeries ? [frame.values as unknown[]] : frame.$dataIncolumnFormat;
  return frame.columns.map((name, index) => {
    const values = (lists[index] ?? []) as readonly unknown[];
    const dtype = frame.dtypes[index] ?? "";
    return {
      name,
      type: TYPES[dtype] ?? dtype,
      nulls: values.filter((value) => isMissing(value)).length,
      first: values.slice(0, shown),
    };
  });
}
