import { brief, extent, tick } from "../number-text.ts";
import { count, counted } from "../table/cell-text.ts";
import type { Tabular } from "../table/columns.ts";
import { Chart, type ChartOptions } from "./chart.ts";
import { draw, PALETTE } from "./draw.ts";
import { field, numbersOf, rowsOf } from "./fields.ts";
import { textBars } from "./text-chart.ts";

export interface HistogramOptions extends ChartOptions {
  /** Column of numbers. */
  x: string;
  /** About how many bins; their edges are round numbers. 20 unless told, 500 at most. */
  bins?: number;
}

interface Bin {
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  readonly title: string;
}

/**
 * How the numbers of a column are distributed: rows counted in bins of equal width. A bin has its
 * lower edge in it, and the last one its upper edge too.
 *
 * @throws FrameError `UNKNOWN_COLUMN`, `NOT_NUMERIC` or `NOTHING_TO_PLOT`
 */
export function plotHistogram(data: Tabular, options: HistogramOptions): Chart {
  const { x, width = 640, height = 320, xLabel = x, yLabel = "rows" } = options;
  const values = numbersOf(field(rowsOf(data), x, "x"), "x");
  const { bins, missing } = binsOf(values, wantedBins(options));
  const title = options.title ?? `Distribution of ${x}`;
  const counted_ = values.length - missing;
  const note =
    `${counted(counted_, "row")} in bins of ${brief((bins[0]?.to ?? 0) - (bins[0]?.from ?? 0))}.` +
    (missing ? ` ${counted(missing, "row")} without ${x} left out.` : "");
  const drawn = draw({
    title,
    caption: note,
    legend: [],
    width,
    height,
    options: {
      x: { label: xLabel, tickFormat: tick },
      y: { label: yLabel, grid: true, tickFormat: tick, nice: true },
    },
    marks: (plot) => [
      plot.rectY(bins, { x1: "from", x2: "to", y: "rows", fill: PALETTE[0], title: "title" }),
      plot.ruleY([0]),
    ],
  });
  const lines = textBars(
    bins.map(({ from, to, rows }) => ({
      label: `${brief(from)} to ${brief(to)}`,
      value: rows,
      text: count(rows),
    })),
  );
  const peak = bins.reduce((most, bin) => (bin.rows > most.rows ? bin : most));
  const label = `Histogram: ${title}. ${note} Most lie in ${brief(peak.from)} to ${brief(peak.to)}.`;
  return new Chart(drawn, [title, ...lines, note].join("\n"), label);
}

/** More bins than this are thinner than a pixel. */
const MOST_BINS = 500;

function wantedBins({ bins = 20 }: HistogramOptions): number {
  return Math.min(MOST_BINS, Math.max(1, Math.round(bins)));
}

function binsOf(values: Float64Array, wanted: number): { bins: Bin[]; missing: number } {
  const [low, high] = extent(values);
  const width = roundWidth((high - low) / wanted || Math.abs(low) || 1);
  // Edges are multiples of the width, counted in whole steps so that no error adds up.
  const first = Math.floor(low / width + 1e-9);
  const last = Math.max(first + 1, Math.ceil(high / width - 1e-9));
  const rows = new Uint32Array(last - first);
  let missing = 0;
  for (const value of values) {
    const bin = Math.min(Math.floor(value / width + 1e-9) - first, rows.length - 1);
    if (Number.isNaN(bin)) missing++;
    else rows[bin] = (rows[bin] ?? 0) + 1;
  }
  const edge = (i: number) => Number(((first + i) * width).toPrecision(12));
  const bins = Array.from(rows, (n, i) => {
    const [from, to] = [edge(i), edge(i + 1)];
    return { from, to, rows: n, title: `${brief(from)} to ${brief(to)}: ${counted(n, "row")}` };
  });
  return { bins, missing };
}

/** The nearest of 1, 2 and 5 times a power of ten that is no smaller than half of `width`. */
function roundWidth(width: number): number {
  const power = 10 ** Math.floor(Math.log10(width));
  const factor = [1, 2, 5, 10].find((each) => each * power >= width * 0.8) ?? 10;
  return factor * power;
}
