import { brief, extent } from "../number-text.ts";
import { counted } from "../table/column-text.ts";
import type { Positions } from "./fields.ts";
import { calendarEdges, type Edges } from "./time-steps.ts";

/** Rows between two edges, the lower of which belongs to the bin. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  /** What lies in it: `0 to 2`, or `2013-01` of a month. */
  readonly label: string;
  readonly title: string;
}

export interface Bins {
  readonly bins: readonly Bin[];
  /** What each is as wide as: `2`, `1 month`. */
  readonly width: string;
  /** Rows without a value. */
  readonly missing: number;
}

/** About `requested` bins; the upper edge of the last one belongs to it, too. */
export function binsOf({ kind, at }: Positions, requested: number): Bins {
  const [low, high] = extent(at);
  const { edges, width, label } =
    kind === "time" ? calendarEdges(low, high, requested) : roundEdges(low, high, requested);
  const rows = new Uint32Array(edges.length - 1);
  let missing = 0;
  for (const value of at) {
    if (Number.isNaN(value)) missing++;
    else {
      const bin = placeOf(edges, value);
      rows[bin] = (rows[bin] ?? 0) + 1;
    }
  }
  const bins = Array.from(rows, (n, i): Bin => {
    const [from = 0, to = 0] = [edges[i], edges[i + 1]];
    const text = label(from, to);
    return { from, to, rows: n, label: text, title: `${text}: ${counted(n, "row")}` };
  });
  return { bins, width, missing };
}

/** Edges at multiples of a round width, counted in whole steps so that no error adds up. */
function roundEdges(low: number, high: number, requested: number): Edges {
  const width = roundWidth((high - low) / requested || Math.abs(low) || 1);
  const first = Math.floor(low / width + 1e-9);
  const last = Math.max(first + 1, Math.ceil(high / width - 1e-9));
  const edges = Array.from({ length: last - first + 1 }, (_, i) =>
    Number(((first + i) * width).toPrecision(12)),
  );
  return { edges, width: brief(width), label: (from, to) => `${brief(from)} to ${brief(to)}` };
}

/** The nearest of 1, 2 and 5 times a power of ten that is no smaller than half of `width`. */
function roundWidth(width: number): number {
  const power = 10 ** Math.floor(Math.log10(width));
  const factor = [1, 2, 5, 10].find((each) => each * power >= width * 0.8) ?? 10;
  return factor * power;
}

/** The last bin that begins at `value` or before, found by halves. */
function placeOf(edges: readonly number[], value: number): number {
  let [from, to] = [0, edges.length - 1];
  while (to - from > 1) {
    const middle = (from + to) >> 1;
    if ((edges[middle] ?? 0) <= value) from = middle;
    else to = middle;
  }
  return from;
}
