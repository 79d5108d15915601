import { FrameError } from "../../core/errors.ts";
import { brief, briefColumn, tick } from "../number-text.ts";
import { count, counted, shorten } from "../table/cell-text.ts";
import type { Tabular } from "../table/columns.ts";
import { type Bar, barsOf, inOrder, type Segment } from "./bars.ts";
import { Chart, type ChartOptions } from "./chart.ts";
import { type Drawing, draw, PALETTE, textWidth } from "./draw.ts";
import { field, numbersOf, rowsOf } from "./fields.ts";
import { groupsOf } from "./groups.ts";
import type { Reducer } from "./reduce.ts";
import { textBars } from "./text-chart.ts";

export interface BarOptions extends ChartOptions {
  /** Column with one bar a value: texts, numbers or dates. */
  x: string;
  /** Column of numbers: the length of the bars. Without it, bars count rows. */
  y?: string;
  /** Column that splits each bar into coloured parts. */
  color?: string;
  /** What a bar shows of several rows; needed as soon as two rows have the same `x`. */
  reduce?: Reducer;
  /** `data`: as the rows come (numbers and dates ascend); `value`: longest first. */
  order?: "data" | "label" | "value";
  /** Most bars drawn, the longest ones; 40 unless told, 400 for numbers and dates. */
  limit?: number;
  /** Bars to the right; by itself when the labels are too long to stand side by side. */
  horizontal?: boolean;
}

const HEIGHT = 320;
const ROW = 22;
/** Margins left and right of standing bars, above and below lying ones. */
const AXIS = 80;

/**
 * Bars of `y` for every `x`.
 *
 *     plotBar(flights, { x: "carrier" })
 *     plotBar(flights, { x: "carrier", y: "distance", reduce: "mean", order: "value" })
 *
 * @throws FrameError `UNKNOWN_COLUMN`, `NOT_NUMERIC`, `NOTHING_TO_PLOT`, or `SEVERAL_ROWS` when
 *   rows share a bar and `reduce` does not say how
 */
export function plotBar(data: Tabular, options: BarOptions): Chart {
  const { x, y, color, title, order = "data", width = 640 } = options;
  const table = rowsOf(data);
  const labels = field(table, x, "x");
  const values = y === undefined ? undefined : numbersOf(field(table, y, "y"), "y");
  const groups = color === undefined ? undefined : groupsOf(field(table, color, "color"));
  const reducer = values ? options.reduce : "count";
  if (groups && !additive(reducer)) {
    throw new FrameError("NOT_ADDITIVE", `a ${reducer} cannot be stacked by ${color}`, {
      hint: 'Leave `color` out, or use reduce: "sum" or "count".',
    });
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
  const horizontal = options.horizontal ?? (!ordered && !sideBySide(shown, width));
  const lying = horizontal
    ? lyingBars(shown, x, measure, options)
    : standingBars(shown, x, measure, options);
  const drawn = draw({
    title: title ?? label,
    caption: notes.join(" "),
    legend: groups?.names ?? [],
    width,
    ...lying,
  });
  return new Chart(
    drawn,
    asText(title ?? label, shown, notes),
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

function sideBySide(bars: readonly Bar[], width: number): boolean {
  const room = (width - AXIS) / bars.length;
  return bars.every(({ label }) => textWidth(shorten(label, 30)) < room);
}

type Layout = Pick<Drawing, "options" | "marks" | "height">;

function standingBars(
  bars: readonly Bar[],
  x: string,
  measure: string,
  { height = HEIGHT, width = 640, xLabel = x, yLabel = measure }: BarOptions,
): Layout {
  const widest = Math.max(...bars.map(({ label }) => textWidth(shorten(label, 30)))) + 8;
  const every = Math.max(1, Math.ceil((widest * bars.length) / (width - AXIS)));
  return {
    height,
    options: {
      x: {
        ...band(bars, xLabel),
        ticks: bars.filter((_, i) => i % every === 0).map(({ label }) => label),
      },
      y: { grid: true, label: yLabel, tickFormat: tick, nice: true },
    },
    marks: (plot) => [
      plot.rectY(segments(bars), {
        x: "label",
        y1: "from",
        y2: "to",
        fill: "colour",
        title: "title",
      }),
      plot.ruleY([0]),
    ],
  };
}

function lyingBars(
  bars: readonly Bar[],
  x: string,
  measure: string,
  { height = bars.length * ROW + AXIS, xLabel = x, yLabel = measure }: BarOptions,
): Layout {
  const widest = Math.max(...bars.map(({ label }) => textWidth(shorten(label, 30))));
  return {
    height,
    options: {
      marginLeft: Math.min(widest + 14, 240),
      y: { ...band(bars, xLabel), labelAnchor: "top", labelArrow: "none" },
      x: { grid: true, label: yLabel, tickFormat: tick, nice: true },
    },
    marks: (plot) => [
      plot.rectX(segments(bars), {
        y: "label",
        x1: "from",
        x2: "to",
        fill: "colour",
        title: "title",
      }),
      plot.ruleX([0]),
    ],
  };
}

function band(bars: readonly Bar[], label: string) {
  return {
    type: "band" as const,
    domain: bars.map((bar) => bar.label),
    label,
    tickFormat: (text: string) => shorten(text, 30),
  };
}

function segments(bars: readonly Bar[]) {
  return bars.flatMap(({ label, segments }) => {
    let [above, below] = [0, 0];
    return segments.map((segment) => {
      const from = segment.value < 0 ? below : above;
      const to = from + segment.value;
      if (segment.value < 0) below = to;
      else above = to;
      const colour = PALETTE[segment.colour] ?? PALETTE[0];
      return { label, from, to, colour, title: tooltip(label, segment) };
    });
  });
}

function tooltip(label: string, { group, value }: Segment): string {
  return `${shorten(label, 60)}${group ? `, ${shorten(group, 60)}` : ""}: ${brief(value)}`;
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
