import { isMissing } from "../../../core/missing.ts";
import { type FrameOrSeries, type Methods, type PatchTarget, valuesOf } from "./danfo-internals.ts";

interface SortOptions {
  readonly ascending?: boolean;
  readonly inplace?: boolean;
}

/**
 * Places of the values in their order, equal ones as they came and nulls last. Texts go by their
 * code units, as in the engine and in pandas.
 */
function orderOf(values: readonly unknown[], ascending: boolean): number[] {
  const places = values.map((_, place) => place);
  const known = places.filter((place) => !isMissing(values[place]));
  const sign = ascending ? 1 : -1;
  known.sort((a, b) => sign * compare(values[a], values[b]));
  return [...known, ...places.filter((place) => isMissing(values[place]))];
}

function compare(a: unknown, b: unknown): number {
  const isText = typeof a === "string" || typeof b === "string";
  const [left, right] = isText ? [String(a), String(b)] : [Number(a), Number(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Sorting takes null neither for 0 nor for the end of what is sorted. */
export function patchSortValues({ danfo, frames, series }: PatchTarget): void {
  frames.sortValues = function sorted(this: FrameOrSeries, column: string, options?: SortOptions) {
    const { ascending = true, inplace = false } = options ?? {};
    const at = this.columns.indexOf(column);
    if (at < 0) throw new Error(`no column ${column}; there are ${this.columns.join(", ")}`);
    const rows = this.values as unknown[][];
    const order = orderOf(
      rows.map((row) => row[at]),
      ascending,
    );
    const values = order.map((place) => rows[place] ?? []) as never[];
    const index = order.map((place) => this.index[place] ?? place);
    if (!inplace) {
      const { columns, dtypes, config } = this;
      return new danfo.DataFrame(values, { columns, dtypes, index, config });
    }
    this.$setValues(values);
    this.$setIndex(index);
    return undefined;
  } as Methods[string];

  series.sortValues = function sorted(this: FrameOrSeries, options?: SortOptions) {
    const { ascending = true, inplace = false } = options ?? {};
    const list = valuesOf(this);
    const order = orderOf(list, ascending);
    const values = order.map((place) => list[place]) as never[];
    const index = order.map((place) => this.index[place] ?? place);
    if (!inplace) {
      const { columns, dtypes, config } = this;
      return new danfo.Series(values, { columns, dtypes, index, config });
    }
    this.$setValues(values);
    this.$setIndex(index);
    return undefined;
  } as Methods[string];
}
