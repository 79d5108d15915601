import { brief, tick } from "../number-text.ts";
import { shorten } from "../table/column-text.ts";
import type { Bar, Segment } from "./bars.ts";
import { type Drawing, PALETTE, textWidth } from "./draw.ts";
import { countTicks } from "./position-axis.ts";

interface LayoutOptions {
  readonly width: number;
  readonly height?: number;
  readonly horizontal?: boolean;
  readonly xLabel: string;
  readonly yLabel: string;
  /** The labels are numbers or dates: they stand in a row, however many. */
  readonly ordered: boolean;
  /** The lengths are counts of rows. */
  readonly whole: boolean;
  /** Names of parts that stand side by side; absent when one is on the other. */
  readonly names: readonly string[] | undefined;
}

type Layout = Pick<Drawing, "options" | "marks" | "height">;

const HEIGHT = 320;
const ROW = 22;
const THIN_ROW = 12;
/** Margins left and right of vertical bars, above and below horizontal ones. */
const AXIS = 80;
const LABEL_LIMIT = 30;
/** Of bars that lie, a label has the margin to itself. */
const LONG_LABEL_LIMIT = 44;
/** Of the rectangles, what is the same whichever way they go. */
const LOOK = { fill: "colour", title: "title" };

/** Bars that stand, or lie when their labels are too long to stand side by side. */
export function layOut(bars: readonly Bar[], options: LayoutOptions): Layout {
  const { width, ordered, horizontal = !ordered && !sideBySide(bars, width) } = options;
  return horizontal ? horizontalBars(bars, options) : verticalBars(bars, options);
}

function sideBySide(bars: readonly Bar[], width: number): boolean {
  return widest(bars, LONG_LABEL_LIMIT) < (width - AXIS) / bars.length;
}

function widest(bars: readonly Bar[], limit: number): number {
  return Math.max(...bars.map(({ label }) => textWidth(shorten(label, limit))));
}

function verticalBars(bars: readonly Bar[], options: LayoutOptions): Layout {
  const { height = HEIGHT, width, xLabel, names } = options;
  const limit = sideBySide(bars, width) ? LONG_LABEL_LIMIT : LABEL_LIMIT;
  const every = Math.max(1, Math.ceil(((widest(bars, limit) + 8) * bars.length) / (width - AXIS)));
  const ticks = bars.filter((_, i) => i % every === 0).map(({ label }) => label);
  const labels = { ...band(bars, xLabel, limit), ticks };
  return {
    height,
    options: {
      ...(names ? { fx: { ...labels, axis: "bottom" }, x: inside(names) } : { x: labels }),
      y: lengths(bars, options),
    },
    marks: (plot) => [
      plot.rectY(partsOf(bars, names), {
        ...(names ? { fx: "label", x: "group" } : { x: "label" }),
        y1: "from",
        y2: "to",
        ...LOOK,
      }),
      plot.ruleY([0]),
    ],
  };
}

function horizontalBars(bars: readonly Bar[], options: LayoutOptions): Layout {
  const { xLabel, names, width } = options;
  const limit = Math.min(LONG_LABEL_LIMIT, Math.floor((width * 0.48) / textWidth("x")));
  const row = Math.max(ROW, (names?.length ?? 0) * THIN_ROW);
  const labels = { ...band(bars, xLabel, limit), labelAnchor: "top", labelArrow: "none" } as const;
  return {
    height: options.height ?? bars.length * row + AXIS,
    options: {
      marginLeft: widest(bars, limit) + 14,
      ...(names ? { fy: { ...labels, axis: "left" }, y: inside(names) } : { y: labels }),
      x: lengths(bars, options),
    },
    marks: (plot) => [
      plot.rectX(partsOf(bars, names), {
        ...(names ? { fy: "label", y: "group" } : { y: "label" }),
        x1: "from",
        x2: "to",
        ...LOOK,
      }),
      plot.ruleX([0]),
    ],
  };
}

/** The axis along which the bars are long. */
function lengths(bars: readonly Bar[], { yLabel, whole }: LayoutOptions) {
  const ticks = whole && countTicks(Math.max(...bars.map(({ value }) => value)));
  return { grid: true, label: yLabel, tickFormat: tick, nice: true, ...ticks };
}

function band(bars: readonly Bar[], label: string, limit: number) {
  return {
    type: "band" as const,
    domain: bars.map((bar) => bar.label),
    label,
    tickFormat: (text: string) => shorten(text, limit),
  };
}

/** The places of the parts that stand side by side. */
function inside(names: readonly string[]) {
  return { type: "band" as const, domain: names, axis: null, padding: 0 };
}

/** The rectangles; without `names` each is on the last of the same sign. */
function partsOf(bars: readonly Bar[], names: readonly string[] | undefined) {
  return bars.flatMap(({ label, segments }) => {
    let [above, below] = [0, 0];
    return segments.map((segment) => {
      const { group, value, colour } = segment;
      const from = names ? 0 : value < 0 ? below : above;
      const to = from + value;
      if (value < 0) below = to;
      else above = to;
      const fill = PALETTE[colour] ?? PALETTE[0];
      return { label, group, from, to, colour: fill, title: tooltip(label, segment) };
    });
  });
}

function tooltip(label: string, { group, value }: Segment): string {
  return `${shorten(label, 60)}${group ? `, ${shorten(group, 60)}` : ""}: ${brief(value)}`;
}
