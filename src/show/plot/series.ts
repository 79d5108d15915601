import { FrameError } from "../../core/errors.ts";
import type { Groups } from "./groups.ts";
import { type Reducer, reduce } from "./reduce.ts";

/** One line: values in the order of their positions, NaN where the line breaks. */
export interface Series {
  readonly name: string;
  readonly at: Float64Array;
  readonly values: Float64Array;
}

interface SeriesSource {
  /** Names of the columns, for titles and errors. */
  readonly x: string;
  readonly name: string;
  readonly at: Float64Array;
  readonly values: Float64Array;
  readonly groups: Groups | undefined;
  readonly reducer: Reducer | undefined;
}

/** The lines of one column: one, or one a group. Rows without a position are no part of them. */
export function seriesOf({ x, name, at, values, groups, reducer }: SeriesSource): Series[] {
  // Rarer groups folded into one do not make a line.
  const names = groups ? groups.names.slice(0, groups.folded ? -1 : undefined) : [name];
  const rows = names.map((): number[] => []);
  at.forEach((position, i) => {
    if (!Number.isNaN(position)) rows[groups?.of[i] ?? 0]?.push(i);
  });
  const all = names.map((each, group) => {
    const sorted = (rows[group] ?? []).sort((a, b) => (at[a] ?? 0) - (at[b] ?? 0));
    return joined(each, sorted, { at, values, reducer, x });
  });
  const series = all.filter((each) => each.values.some((value) => !Number.isNaN(value)));
  if (series.length > 0) return series;
  throw new FrameError("NOTHING_TO_PLOT", `no row has both ${x} and ${name}`);
}

/** Rows at the same position made one point. */
function joined(
  name: string,
  rows: readonly number[],
  { at, values, reducer, x }: Pick<SeriesSource, "at" | "values" | "reducer" | "x">,
): Series {
  const positions: number[] = [];
  const points: number[] = [];
  for (let i = 0; i < rows.length; ) {
    const position = at[rows[i] ?? 0] ?? Number.NaN;
    const here: number[] = [];
    for (; i < rows.length && at[rows[i] ?? 0] === position; i++) {
      const value = values[rows[i] ?? 0] ?? Number.NaN;
      if (!Number.isNaN(value)) here.push(value);
    }
    positions.push(position);
    points.push(here.length ? reduce(here, reducer, `the same ${x} in ${name}`) : Number.NaN);
  }
  return { name, at: Float64Array.from(positions), values: Float64Array.from(points) };
}

/** At most about `limit` points: the smallest and the largest of each step, in their order. */
export function thin(series: Series, limit: number): Series {
  const { name, at, values } = series;
  if (at.length <= limit) return series;
  const steps = Math.max(1, Math.floor(limit / 2));
  const kept: number[] = [];
  for (let step = 0; step < steps; step++) {
    const from = Math.floor((step * at.length) / steps);
    const to = Math.floor(((step + 1) * at.length) / steps);
    kept.push(...lowestAndHighest(values, from, to));
  }
  return {
    name,
    at: Float64Array.from(kept, (i) => at[i] ?? Number.NaN),
    values: Float64Array.from(kept, (i) => values[i] ?? Number.NaN),
  };
}

function lowestAndHighest(values: Float64Array, from: number, to: number): number[] {
  let [low, high] = [-1, -1];
  for (let i = from; i < to; i++) {
    const value = values[i] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    if (low < 0 || value < (values[low] ?? 0)) low = i;
    if (high < 0 || value > (values[high] ?? 0)) high = i;
  }
  if (low < 0) return [from];
  return low === high ? [low] : [low, high].sort((a, b) => a - b);
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The points of a line, and those of them that have a gap on either side. */
export function pathsOf({ at, values }: Series): { path: Point[]; alone: Point[] } {
  const path = Array.from(at, (x, i) => ({ x, y: values[i] ?? Number.NaN }));
  const gap = (i: number) => Number.isNaN(values[i] ?? Number.NaN);
  return { path, alone: path.filter((_, i) => !gap(i) && gap(i - 1) && gap(i + 1)) };
}
