import type { DanfoModule, DataFrame } from "../danfo-module.ts";
import type { Methods, PatchTarget } from "./danfo-internals.ts";

const STATISTICS = ["count", "mean", "std", "min", "median", "max", "variance"];

/** `describe` passes over nulls, and leaves out columns that are not numbers. */
export function patchDescribe({ danfo, frames }: PatchTarget): void {
  frames.describe = function described(this: DataFrame) {
    return describe(danfo, this);
  } as unknown as Methods[string];
}

function describe(danfo: DanfoModule, frame: DataFrame): DataFrame {
  const names = frame.columns.filter((_, index) => /int|float/.test(frame.dtypes[index] ?? ""));
  const columns = names.map((name) => {
    const values = frame.column(name).values as unknown[];
    return statisticsOf(
      values.filter((value): value is number => typeof value === "number" && !Number.isNaN(value)),
    );
  });
  const rows = STATISTICS.map((_, row) => columns.map((column) => column[row] ?? null));
  const dtypes = names.map(() => "float32");
  return new danfo.DataFrame(rows, { columns: names, index: STATISTICS, dtypes });
}

function statisticsOf(values: readonly number[]): (number | null)[] {
  const count = values.length;
  if (count === 0) return [0, null, null, null, null, null, null];
  const sorted = Float64Array.from(values).sort();
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const variance = count > 1 ? squares / (count - 1) : null;
  const at = (position: number) => sorted[position] ?? Number.NaN;
  const median = (at((count - 1) >> 1) + at(count >> 1)) / 2;
  const std = variance === null ? null : Math.sqrt(variance);
  return [count, mean, std, at(0), median, at(count - 1), variance];
}
