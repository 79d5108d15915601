import { tick } from "../number-text.ts";
import { count, counted } from "../table/column-text.ts";
import type { Tabular } from "../table/columns.ts";
import { binsOf } from "./bins.ts";
import { Chart, type ChartOptions } from "./chart.ts";
import { draw, PALETTE } from "./draw.ts";
import { field, positionsOf, rowsOf } from "./fields.ts";
import { countTicks, positionAxis } from "./position-axis.ts";
import { textBars } from "./text-chart.ts";

/** What a histogram shows, and how. */
export interface HistogramOptions extends ChartOptions {
  /** Column of numbers or dates. */
  x: string;
  /**
   * About how many bins; their edges are round numbers, or where an hour, a day, a month and so on
   * begins in UTC. 20 unless told, 500 at most.
   */
  bins?: number;
}

/**
 * How the numbers or dates of a column are distributed: rows counted in bins of equal width. A bin
 * has its lower edge in it, and the last one its upper edge too.
 *
 * @param data a dataframe, or a list of objects
 * @param options which column; sizes in pixels
 * @throws FrameError `UNKNOWN_COLUMN`, `NOT_NUMERIC` or `NOTHING_TO_PLOT`
 * @example
 * plotHistogram(flights, { x: "distance", bins: 30 });
 */
export function plotHistogram(data: Tabular, options: HistogramOptions): Chart {
  const { x, width = 640, height = 320, xLabel = x, yLabel = "rows" } = options;
  const positions = positionsOf(field(rowsOf(data), x, "x"), "x");
  const { bins, width: step, missing } = binsOf(positions, wantedBins(options));
  const title = options.title ?? `Distribution of ${x}`;
  const note =
    `${counted(positions.at.length - missing, "row")} in bins of ${step}${otherBins(bins.length, options.bins)}.` +
    (missing ? ` ${counted(missing, "row")} without ${x} left out.` : "");
  const peak = bins.reduce((most, bin) => (bin.rows > most.rows ? bin : most));
  const drawn = draw({
    title,
    caption: note,
    legend: [],
    width,
    height,
    options: {
      x: { ...positionAxis(positions.kind), label: xLabel },
      y: { label: yLabel, grid: true, tickFormat: tick, nice: true, ...countTicks(peak.rows) },
    },
    marks: (plot) => [
      plot.rectY(bins, { x1: "from", x2: "to", y: "rows", fill: PALETTE[0], title: "title" }),
      plot.ruleY([0]),
    ],
  });
  const lines = textBars(
    bins.map(({ label, rows }) => ({ label, value: rows, text: count(rows) })),
  );
  const label = `Histogram: ${title}. ${note} Most lie in ${peak.label}.`;
  return new Chart(drawn, [title, ...lines, note].join("\n"), label);
}

/** More bins than this are thinner than a pixel. */
const MOST_BINS = 500;

function wantedBins({ bins = 20 }: HistogramOptions): number {
  return Math.min(MOST_BINS, Math.max(1, Math.round(bins)));
}

/** Why there are more or fewer bins than were asked for. */
function otherBins(made: number, asked = made): string {
  if (made === asked) return "";
  const most = asked > MOST_BINS ? `at most ${MOST_BINS}, and ` : "";
  return ` (${made}, not ${count(asked)}: ${most}edges are round)`;
}
