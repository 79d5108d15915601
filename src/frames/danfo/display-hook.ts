import { inspect } from "node:util";
import { isMissing } from "../../core/missing.ts";
import { timeType } from "../../core/time-type.ts";
import { loadedColumns } from "./lazy-frame.ts";

// The same symbol as in show/, which this folder may not import.
const JUPYTER_DISPLAY = Symbol.for("Jupyter.display");

/** MIME types to content. */
type FrameBundle = { readonly "text/plain": string };

let render: ((view: FrameView) => FrameBundle) | undefined;

/** Says how frames and series are shown when a notebook cell ends in one. */
export function showFramesWith(renderer: (view: FrameView) => FrameBundle): void {
  render = renderer;
}

/** Gives what inherits from `prototype` its display method, of which `console.log` prints the text. */
export function addDisplay(prototype: object): void {
  const method = { configurable: true, writable: true };
  Object.defineProperties(prototype, {
    [JUPYTER_DISPLAY]: {
      ...method,
      value(this: ViewedFrame) {
        return bundleOf(this);
      },
    },
    [inspect.custom]: {
      ...method,
      value(this: ViewedFrame) {
        return bundleOf(this)["text/plain"];
      },
    },
  });
}

function bundleOf(frame: ViewedFrame): FrameBundle {
  return render ? render(viewFrame(frame)) : { "text/plain": String(frame) };
}

/** A column as it is shown. */
interface ColumnView {
  readonly name: string;
  /** Type in plain words, such as `integer` or `date`. */
  readonly type: string;
  /** Nulls in the whole column. */
  readonly nulls: number;
}

/** The beginning of a dataframe, and what is known of the rest. */
interface FrameView {
  readonly columns: readonly ColumnView[];
  /** Rows in all. */
  readonly rows: number;
  /** The first rows, each with one value a column. */
  readonly head: readonly (readonly unknown[])[];
  /** Labels of the rows in `head`; absent when they just count from 0. */
  readonly index?: readonly (string | number)[];
}

/** The members of a Danfo frame or series that a view is made of. */
interface ViewedFrame {
  readonly shape: readonly number[];
  readonly columns: readonly string[];
  readonly dtypes: readonly string[];
  readonly index: readonly (string | number)[];
  readonly values: unknown;
  readonly $dataIncolumnFormat: readonly unknown[];
  readonly $isSeries: boolean;
}

interface ColumnHead extends ColumnView {
  readonly first: readonly unknown[];
}

const ROWS_SHOWN = 10;

const TYPES: Readonly<Record<string, string>> = {
  int32: "integer",
  float32: "number",
  string: "text",
};

/** A view of the first ten rows. Of a loaded frame, no more than those are made for it. */
function viewFrame(frame: ViewedFrame): FrameView {
  const rows = frame.shape[0] ?? 0;
  const shown = Math.min(rows, ROWS_SHOWN);
  const views = viewLoaded(frame, shown) ?? viewPlain(frame, shown);
  const head = Array.from({ length: shown }, (_, row) => views.map(({ first }) => first[row]));
  const index = frame.index.slice(0, shown);
  const counts = index.every((label, row) => label === row);
  const columns = views.map(({ name, type, nulls }) => ({ name, type, nulls }));
  return { columns, rows, head, ...(!counts && { index }) };
}

function viewLoaded(frame: ViewedFrame, shown: number): ColumnHead[] | undefined {
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

function viewPlain(frame: ViewedFrame, shown: number): ColumnHead[] {
  const lists = frame.$isSeries ? [frame.values as unknown[]] : frame.$dataIncolumnFormat;
  return frame.columns.map((name, index) => {
    const values = (lists[index] ?? []) as readonly unknown[];
    const dtype = frame.dtypes[index] ?? "";
    return {
      name,
      type: dtype === "datetime" ? timeType(values) : (TYPES[dtype] ?? dtype),
      nulls: values.filter((value) => isMissing(value)).length,
      first: values.slice(0, shown),
    };
  });
}
