import { FrameError } from "../../core/errors.ts";
import { brief, extent, tick } from "../number-text.ts";
import { count, counted, shorten } from "../table/column-text.ts";
import type { Tabular } from "../table/columns.ts";
import { Chart, type ChartOptions } from "./chart.ts";
import { draw, PALETTE } from "./draw.ts";
import { field, numbersOf, positionsOf, rowsOf } from "./fields.ts";
import { groupsOf } from "./groups.ts";
import { paletteLegend } from "./legend.ts";
import { extentText, positionAxis } from "./position-axis.ts";
import type { Reducer } from "./reduce.ts";
import { pathsOf, type Series, seriesOf, thin } from "./series.ts";
import { sparkline } from "./text-chart.ts";

/** What lines show, and how. */
export interface LineOptions extends ChartOptions {
  /** Column of numbers or dates, in any order. */
  x: string;
  /** Column of numbers, or several: a line each. */
  y: string | readonly string[];
  /** Column with one line a value, when `y` is one column. */
  color?: string;
  /** What a point shows of several rows; needed as soon as two rows of a line have the same `x`. */
  reduce?: Reducer;
}

/** Points kept of all lines together: two for every other pixel of one line. */
const LIMIT = 1600;

/**
 * Lines of `y` over `x`. A line breaks where `y` has no value; of a long one the smallest and the
 * largest value of every step are drawn, which looks the same.
 *
 * @param data a dataframe, or a list of objects
 * @param options which columns; sizes in pixels
 * @throws FrameError `UNKNOWN_COLUMN`, `NOT_NUMERIC`, `NOTHING_TO_PLOT`, or `SEVERAL_ROWS` when
 *   rows share an x and `reduce` does not say what to draw of them
 * @example
 * const weather = await loadFrame(lake, "weather/seattle.csv");
 * plotLine(weather, { x: "date", y: ["temp_max", "temp_min"], title: "Seattle" });
 */
export function plotLine(data: Tabular, options: LineOptions): Chart {
  const { x, color, width = 640, height = 320, xLabel = x } = options;
  const names = typeof options.y === "string" ? [options.y] : [...options.y];
  const table = rowsOf(data);
  const across = positionsOf(field(table, x, "x"), "x");
  const columns = names.map((name) => ({
    name,
    values: numbersOf(field(table, name, "y"), "y"),
  }));
  const groups = color === undefined ? undefined : groupsOf(field(table, color, "color"));
  if (columns.length === 0 || (groups && columns.length > 1)) {
    throw new FrameError("BAD_OPTIONS", "y: name one column with `color`, or several without", {
      hint: 'For example { x: "day", y: "total", color: "region" }.',
    });
  }
  const series = columns.flatMap(({ name, values }) =>
    seriesOf({ x, name, at: across.at, values, groups, reducer: options.reduce }),
  );
  const points = series.reduce(
    (sum, { values }) => sum + values.filter((value) => !Number.isNaN(value)).length,
    0,
  );
  const thinned = series.map((each) => thin(each, Math.floor(LIMIT / series.length)));
  const thinner = thinned.some((each, i) => each !== series[i]);
  const measure = `${options.reduce ? `${options.reduce} of ` : ""}${names.join(", ")}`;
  const title = options.title ?? `${measure} by ${x}`;
  const note = [
    thinner
      ? `${counted(points, "point")}, drawn as the smallest and largest of every step.`
      : `${counted(points, "point")}.`,
    groups?.folded ? `${count(groups.folded)} rarer values of ${color} not drawn.` : "",
    missing(across.at) ? `${counted(missing(across.at), "row")} without ${x} left out.` : "",
    ...columns.map(({ name, values }) => {
      const gaps = missing(values);
      return gaps ? `${counted(gaps, "row")} without ${name}.` : "";
    }),
  ]
    .filter(Boolean)
    .join(" ");
  const several = series.length > 1;
  const drawn = draw({
    title,
    caption: note,
    legend: several
      ? paletteLegend(
          series.map(({ name }) => name),
          width,
        )
      : [],
    width,
    height,
    options: {
      x: { ...positionAxis(across.kind), label: xLabel },
      y: {
        label: options.yLabel ?? (names.length === 1 ? measure : null),
        grid: true,
        tickFormat: tick,
        nice: true,
      },
    },
    marks: (plot) =>
      thinned.flatMap((each, i) => {
        const colour = PALETTE[i % PALETTE.length] ?? PALETTE[0];
        const { path, alone } = pathsOf(each);
        return [
          plot.lineY(path, { x: "x", y: "y", stroke: colour, strokeWidth: several ? 1.5 : 1.8 }),
          // A value between two gaps has no line to be seen by.
          plot.dot(alone, { x: "x", y: "y", r: 2, fill: colour }),
        ];
      }),
  });
  const [from, to] = extentText(across);
  const span = `${from} to ${to}`;
  const text = [title, ...textLines(series), `${x}: ${span}`, note].join("\n");
  return new Chart(drawn, text, `Line chart: ${title}, ${x} from ${span}. ${note}`);
}

function missing(values: Float64Array): number {
  return values.reduce((sum, value) => sum + (Number.isNaN(value) ? 1 : 0), 0);
}

function textLines(series: readonly Series[]): string[] {
  const names = series.map(({ name }) => shorten(name, 24));
  const nameWidth = Math.max(...names.map((name) => name.length));
  return series.map(({ values }, i) => {
    const [low, high] = extent(values);
    const name = (names[i] ?? "").padEnd(nameWidth);
    return `${name}  ${sparkline(values)}  ${brief(low)} to ${brief(high)}`;
  });
}
