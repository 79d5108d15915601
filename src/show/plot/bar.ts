import { FrameError } from "../../core/errors.ts";
import { brief, briefColumn } from "../number-text.ts";
import { count, counted, shorten } from "../table/column-text.ts";
import type { Tabular } from "../table/columns.ts";
import { layOut } from "./bar-layout.ts";
import { type Bar, barsOf, inOrder } from "./bars.ts";
import { Chart, type ChartOptions } from "./chart.ts";
import { draw } from "./draw.ts";
import { field, numbersOf, rowsOf } from "./fields.ts";
import { groupsOf } from "./groups.ts";
import { paletteLegend } from "./legend.ts";
import type { Reducer } from "./reduce.ts";
import { textBars } from "./text-chart.ts";

/** What bars show, and how. */
export interface BarOptions extends ChartOptions {
  /** Column with one bar a value: texts, numbers or dates. */
  x: string;
  /** Column of numbers: the length of the bars. Without it, bars count rows. */
  y?: string;
  /** Column that splits each bar into coloured parts. */
  color?: string;
  /** With `color`: the parts one on the other (unless told), or side by side. */
  layout?: "stacked" | "grouped";
  /** What a bar shows of several rows; needed as soon as two rows have the same `x`. */
  reduce?: Reducer;
  /** `data`: as the rows come (numbers and dates ascend); `value`: longest first. */
  order?: "data" | "label" | "value";
  /** Most bars drawn, the longest ones; 40 unless told, 400 for numbers and dates. */
  limit?: number;
  /** Bars to the right; by itself when the labels are too long to stand side by side. */
  horizontal?: boolean;
}

/**
 * Bars of `y` for every `x`.
 *
 * @param data a dataframe, or a list of objects
 * @param options which columns; sizes in pixels
 * @throws FrameError `UNKNOWN_COLUMN`, `NOT_NUMERIC`, `NOTHING_TO_PLOT`, or `SEVERAL_ROWS` when
 *   rows share a bar and `reduce` does not say how
 * @example
 * plotBar(flights, { x: "carrier" });
 * plotBar(flights, { x: "carrier", y: "distance", reduce: "mean", order: "value" });
 */
export function plotBar(data: Tabular, options: BarOptions): Chart {
  const { x, y, color, title, order = "data", width = 640, layout = "stacked" } = options;
  const table = rowsOf(data);
  const labels = field(table, x, "x");
  const values = y === undefined ? undefined : numbersOf(field(table, y, "y"), "y");
  const groups = color === undefined ? undefined : groupsOf(field(table, color, "color"));
  const reducer = values ? options.reduce : "count";
  const isStacked = layout === "stacked";
  if (groups && isStacked && !additive(reducer)) {
    throw new FrameError("NOT_ADDITIVE", `a ${reducer} cannot be stacked by ${color}`, {
      hint: 'Say layout: "grouped", leave `color` out, or use reduce: "sum" or "count".',
    });
  }
  if (groups?.folded && !additive(reducer)) {
    const many = groups.names.length - 1 + groups.folded;
    throw new FrameError(
      "NOT_ADDITIVE",
      `a ${reducer} cannot be had of the rest of ${many} values of ${color}`,
      {
        hint: "Keep the rows of ten values at most, in the query.",
      },
    );
  }
  const { bars, ordered, skipped } = barsOf(labels, { values, groups, reducer, y });
  const shown = inOrder(bars, order, options.limit ?? (ordered ? 400 : 40));
  const measure = measureText(y, options.reduce);
  const label = `${measure} by ${x}`;
  const notes = [
    shown.length < bars.length
      ? `The ${count(shown.length)} longest of ${counted(bars.length, "bar")}.`
      : "",
    groups?.folded ? `"other" stands for ${count(groups.folded)} values of ${color}.` : "",
    skipped ? `${counted(skipped, "row")} without ${y} left out.` : "",
  ].filter(Boolean);
  const { xLabel = x, yLabel = measure } = options;
  const names = groups && !isStacked ? groups.names : undefined;
  const drawn = draw({
    title: title ?? label,
    caption: notes.join(" "),
    legend: paletteLegend(groups?.names ?? [], width),
    width,
    ...layOut(shown, {
      ...options,
      width,
      xLabel,
      yLabel,
      ordered,
      names,
      whole: reducer === "count",
    }),
  });
  const listed = isStacked ? shown : shown.flatMap(apart);
  return new Chart(
    drawn,
    asText(title ?? label, listed, notes),
    `Bar chart: ${title ?? label}. ${ends(shown)}`,
  );
}

function additive(reducer: Reducer | undefined): boolean {
  return reducer === undefined || reducer === "sum" || reducer === "count";
}

function measureText(y: string | undefined, reducer: Reducer | undefined): string {
  if (y === undefined || reducer === "count") return "count";
  return reducer ? `${reducer} of ${y}` : y;
}

/** The parts of a bar as bars of their own. */
function apart({ label, segments }: Bar): Bar[] {
  return segments.map((segment) => {
    const { group, value } = segment;
    return { label: `${shorten(label, 14)} ${group ?? ""}`.trim(), value, segments: [segment] };
  });
}

const TEXT_BARS = 20;

function asText(title: string, bars: readonly Bar[], notes: readonly string[]): string {
  const listed = bars.slice(0, TEXT_BARS);
  const texts = briefColumn(listed.map(({ value }) => value));
  const rest = bars.length - listed.length;
  return [
    title,
    ...textBars(listed.map((bar, i) => ({ ...bar, text: texts[i] ?? "" }))),
    ...(rest > 0 ? [`and ${counted(rest, "more bar")}`] : []),
    ...notes,
  ].join("\n");
}

function ends(bars: readonly Bar[]): string {
  const [first] = bars;
  if (!first) return "";
  const longest = bars.reduce((best, bar) => (bar.value > best.value ? bar : best), first);
  return `${counted(bars.length, "bar")}; the largest is ${shorten(longest.label, 60)} with ${brief(longest.value)}.`;
}
