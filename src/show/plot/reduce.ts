import { FrameError } from "../../core/errors.ts";
import { shorten } from "../table/column-text.ts";

/** How several rows that fall on one bar or point become one value. */
export type Reducer = "sum" | "mean" | "median" | "min" | "max" | "count";

const REDUCERS: Readonly<Record<Reducer, (values: readonly number[]) => number>> = {
  sum: total,
  mean: (values) => total(values) / values.length,
  median,
  min: (values) => values.reduce((low, value) => Math.min(low, value)),
  max: (values) => values.reduce((high, value) => Math.max(high, value)),
  count: (values) => values.length,
};

/**
 * One value for the rows at `place`. Several rows are not combined unless told how: a sum where a
 * mean was meant would look just as convincing.
 *
 * @throws FrameError `SEVERAL_ROWS`
 */
export function reduce(
  values: readonly number[],
  reducer: Reducer | undefined,
  place: string,
): number {
  if (reducer) return REDUCERS[reducer](values);
  const [only = Number.NaN] = values;
  if (values.length === 1) return only;
  throw new FrameError("SEVERAL_ROWS", `${values.length} rows have ${shorten(place, 80)}`, {
    hint: 'Say what to draw of them: reduce: "sum", "mean", "median", "min", "max" or "count".',
  });
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low = Number.NaN, high = Number.NaN] = [
    sorted[(sorted.length - 1) >> 1],
    sorted[sorted.length >> 1],
  ];
  return (low + high) / 2;
}
