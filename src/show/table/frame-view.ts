import { type ColumnTable, columnsOf, isMissing, type Tabular } from "./columns.ts";

/** What a table of a dataframe shows of it; plain data, so that anything can be shown like one. */
export interface FrameView {
  readonly columns: readonly ColumnView[];
  /** Rows of the whole frame. */
  readonly rows: number;
  /** The first rows, each with one value a column. */
  readonly head: readonly (readonly unknown[])[];
  /** Labels of the rows in `head`; absent when they just count from 0. */
  readonly index?: readonly (string | number)[];
}

interface ColumnView {
  readonly name: string;
  readonly type: string;
  /** Cells without a value in the whole frame: null, undefined or NaN. */
  readonly nulls: number;
}

/** Looks at `data`: its first `rows` rows, and every value once to count those that are missing. */
export function frameView(data: Tabular, rows = 10): FrameView {
  const table = columnsOf(data);
  return {
    columns: table.columns.map(({ name, type, values }) => ({ name, type, nulls: nulls(values) })),
    rows: table.rows,
    head: headOf(table, rows),
  };
}

function headOf({ columns, rows }: ColumnTable, requested: number): unknown[][] {
  return Array.from({ length: Math.min(rows, requested) }, (_, i) =>
    columns.map(({ values }) => values[i]),
  );
}

function nulls(values: ArrayLike<unknown>): number {
  let missing = 0;
  for (let i = 0; i < values.length; i++) if (isMissing(values[i])) missing++;
  return missing;
}
