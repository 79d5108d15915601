import { isMissing } from "../../../core/missing.ts";
import {
  type Methods,
  type NDframe,
  type PatchTarget,
  placeOf,
  takeRows,
  valuesOf,
} from "./danfo-internals.ts";

interface SortOptions {
  readonly ascending?: boolean;
  readonly inplace?: boolean;
}

/**
 * Places of the values in their order, equal ones as they came and nulls last. Texts go by their
 * code units, as in the engine and in pandas.
 */
function orderOf(values: readonly unknown[], { ascending = true }: SortOptions = {}): number[] {
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
  frames.sortValues = function sorted(this: NDframe, column: string, options?: SortOptions) {
    const at = placeOf(this, column);
    const values = (this.values as unknown[][]).map((row) => row[at]);
    return takeRows(danfo, this, orderOf(values, options), options?.inplace);
  } as Methods[string];

  series.sortValues = function sorted(this: NDframe, options?: SortOptions) {
    return takeRows(danfo, this, orderOf(valuesOf(this), options), options?.inplace);
  } as Methods[string];
}
