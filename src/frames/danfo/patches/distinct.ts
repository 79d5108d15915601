import { isMissing } from "../../../core/missing.ts";
import {
  type Methods,
  type NDframe,
  type PatchTarget,
  takeRows,
  valuesOf,
} from "./danfo-internals.ts";
import { keyOf, labelOf } from "./value-keys.ts";

interface KeepOptions {
  readonly keep?: "first" | "last";
  readonly inplace?: boolean;
}

/**
 * Different values are told apart by what they are: equal dates are one value, the text `5` is not
 * the number, 1.5 is not 1. As in pandas, `valueCounts` and `nUnique` leave out nulls.
 */
export function patchDistinct({ danfo, frames, series }: PatchTarget): void {
  series.unique = function unique(this: NDframe) {
    const list = valuesOf(this);
    const values = firstPlaces(list).map((place) => list[place]) as never[];
    return new danfo.Series(values, { columns: this.columns, dtypes: this.dtypes });
  } as Methods[string];

  series.nUnique = function counted(this: NDframe) {
    return distinct(valuesOf(this));
  } as Methods[string];

  frames.nUnique = function counted(this: NDframe, axis: 0 | 1 = 1) {
    const rows = this.values as unknown[][];
    const lines =
      axis === 1 ? rows : this.columns.map((_, column) => rows.map((row) => row[column]));
    const index = axis === 1 ? this.index : this.columns;
    return new danfo.Series(lines.map(distinct), { index });
  } as Methods[string];

  series.valueCounts = function counted(this: NDframe) {
    const counts = new Map<string, { label: string | number; count: number }>();
    for (const value of valuesOf(this).filter((value) => !isMissing(value))) {
      const key = keyOf(value);
      const entry = counts.get(key);
      if (entry) entry.count++;
      else counts.set(key, { label: labelOf(value), count: 1 });
    }
    const sorted = [...counts.values()].sort((a, b) => b.count - a.count);
    return new danfo.Series(
      sorted.map(({ count }) => count),
      { index: sorted.map(({ label }) => label) },
    );
  } as Methods[string];

  series.dropDuplicates = function dropped(this: NDframe, options?: KeepOptions) {
    const { keep = "first", inplace = false } = options ?? {};
    if (keep !== "first" && keep !== "last") throw new Error('keep is "first" or "last"');
    const list = valuesOf(this);
    const last = list.length - 1;
    const places =
      keep === "first"
        ? firstPlaces(list)
        : firstPlaces([...list].reverse())
            .map((place) => last - place)
            .reverse();
    return takeRows(danfo, this, places, inplace);
  } as Methods[string];
}

function firstPlaces(values: readonly unknown[]): number[] {
  const seen = new Set<string>();
  return values.flatMap((value, place) => {
    const key = keyOf(value);
    if (seen.has(key)) return [];
    seen.add(key);
    return [place];
  });
}

function distinct(values: readonly unknown[]): number {
  return new Set(values.filter((value) => !isMissing(value)).map(keyOf)).size;
}
