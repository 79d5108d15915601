import { FrameError } from "../../src/core/errors.ts";
import { JUPYTER_DISPLAY } from "../../src/show/display.ts";
import type { Chart } from "../../src/show/plot/chart.ts";

export const SALES = [
  { shop: "north", kind: "tea", total: 10, day: "2026-01-02" },
  { shop: "south", kind: "tea", total: 30, day: "2026-01-01" },
  { shop: "north", kind: "coffee", total: 5, day: "2026-01-03" },
  { shop: "west", kind: "tea", total: null, day: "2026-01-04" },
];

/** A wave of a million points with one outlier. */
export const MILLION = {
  n: Float64Array.from({ length: 1_000_000 }, (_, i) => i),
  wave: Float64Array.from({ length: 1_000_000 }, (_, i) =>
    i === 654_321 ? 99 : Math.sin(i / 50_000),
  ),
};

/** What a notebook shows of a chart. */
export function html(chart: Chart): string {
  return chart[JUPYTER_DISPLAY]()["text/html"] ?? "";
}

/** The error with which a plot is refused. */
export function refusal(plot: () => unknown): FrameError {
  try {
    plot();
  } catch (error) {
    if (error instanceof FrameError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}
