import { FrameError } from "../../core/errors.ts";
import { tick } from "../number-text.ts";
import { count, counted } from "../table/column-text.ts";
import type { Tabular } from "../table/columns.ts";
import { Chart, type ChartOptions } from "./chart.ts";
import { draw, PALETTE } from "./draw.ts";
import { field, numbersOf, positionsOf, rowsOf } from "./fields.ts";
import { groupsOf } from "./groups.ts";
import { paletteLegend, rampLegend } from "./legend.ts";
import { extentText, positionAxis } from "./position-axis.ts";
import { rampOf } from "./ramp.ts";
import { brailleDots } from "./text-chart.ts";

/** What points show, and how. */
export interface ScatterOptions extends ChartOptions {
  /** Column of numbers or dates. */
  x: string;
  /** Column of numbers. */
  y: string;
  /**
   * Column whose values colour the points: a colour a text or one of few numbers, shades from the
   * smallest to the largest of many numbers or of dates.
   */
  color?: string;
}

/** More points than this hide each other, and make the notebook heavy. */
const LIMIT = 1200;

/**
 * A point for every row with both an `x` and a `y`; of a large frame an even sample, the same at
 * every run.
 *
 * @param data a dataframe, or a list of objects
 * @param options which columns; sizes in pixels
 * @throws FrameError `UNKNOWN_COLUMN`, `NOT_NUMERIC` or `NOTHING_TO_PLOT`
 * @example
 * plotScatter(flights, { x: "distance", y: "air_time", color: "carrier" });
 */
export function plotScatter(data: Tabular, options: ScatterOptions): Chart {
  const { x, y, color, width = 640, height = 400, xLabel = x, yLabel = y } = options;
  const table = rowsOf(data);
  const across = positionsOf(field(table, x, "x"), "x");
  const up = numbersOf(field(table, y, "y"), "y");
  const colours = color === undefined ? undefined : field(table, color, "color");
  const ramp = colours && rampOf(colours);
  const groups = colours && !ramp ? groupsOf(colours) : undefined;
  const whole: number[] = [];
  for (let i = 0; i < table.rows; i++) {
    if (!Number.isNaN(across.at[i]) && !Number.isNaN(up[i])) whole.push(i);
  }
  if (whole.length === 0) {
    throw new FrameError("NOTHING_TO_PLOT", `no row has both ${x} and ${y}`);
  }
  const drawnRows = sample(whole, LIMIT);
  const title = options.title ?? `${y} by ${x}`;
  const skipped = table.rows - whole.length;
  const grey = ramp ? whole.filter(ramp.isMissing).length : 0;
  const note = [
    drawnRows.length < whole.length
      ? `An even sample of ${count(drawnRows.length)} of ${counted(whole.length, "point")}.`
      : `${counted(whole.length, "point")}.`,
    groups?.folded ? `"other" stands for ${count(groups.folded)} values of ${color}.` : "",
    skipped ? `${counted(skipped, "row")} without ${x} or ${y} left out.` : "",
    grey ? `${counted(grey, "point")} without ${color} in grey.` : "",
  ]
    .filter(Boolean)
    .join(" ");
  const points = drawnRows.map((i) => ({
    x: across.at[i],
    y: up[i],
    colour: ramp ? ramp.of(i) : PALETTE[groups?.of[i] ?? 0],
  }));
  const drawn = draw({
    title,
    caption: note,
    legend: ramp
      ? rampLegend(color ?? "", ramp.low, ramp.high)
      : paletteLegend(groups?.names ?? [], width),
    width,
    height,
    options: {
      x: { ...positionAxis(across.kind), label: xLabel, grid: true, nice: true },
      y: { label: yLabel, grid: true, tickFormat: tick, nice: true },
    },
    marks: (plot) => [plot.dot(points, { x: "x", y: "y", r: 3, fill: "colour", fillOpacity: 0.8 })],
  });
  const [left, right] = extentText({ ...across, at: Float64Array.from(whole, at(across.at)) });
  const [low, high] = extentText({ kind: "number", at: Float64Array.from(whole, at(up)) });
  const extents = `${x}: ${left} to ${right}; ${y}: ${low} to ${high}`;
  const dots = brailleDots(whole.map(at(across.at)), whole.map(at(up)), { columns: 60, rows: 12 });
  const text = [title, ...dots, extents, note].join("\n");
  return new Chart(drawn, text, `Scatter plot: ${title}. ${extents}. ${note}`);
}

function at(values: Float64Array): (i: number) => number {
  return (i) => values[i] ?? Number.NaN;
}

/**
 * `limit` of `items`, evenly spread: one out of each of `limit` equal stretches, at a place that a
 * fixed sequence of random numbers gives, so that no rhythm of the data is mistaken for its shape
 * and every run picks the same.
 */
function sample<Item>(items: readonly Item[], limit: number): Item[] {
  if (items.length <= limit) return [...items];
  const random = mulberry32(1);
  const stretch = items.length / limit;
  return Array.from({ length: limit }, (_, k) => Math.floor((k + random()) * stretch))
    .map((i) => items[Math.min(i, items.length - 1)])
    .filter((item) => item !== undefined) as Item[];
}

/** Tommy Ettinger's 32-bit generator; public domain. Numbers from 0 to below 1. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
