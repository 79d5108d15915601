import { FrameError } from "../../core/errors.ts";
import { type Column, isMissing } from "../table/columns.ts";
import { isDateText, labelsOf } from "./fields.ts";
import { type Groups, natural } from "./groups.ts";
import { type Reducer, reduce } from "./reduce.ts";

/** One bar, in one part or in several. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly segments: readonly Segment[];
}

export interface Segment {
  readonly group?: string;
  /** Index of the colour. */
  readonly colour: number;
  readonly value: number;
}

interface BarSource {
  /** The lengths, NaN where there is none; without them rows are counted. */
  readonly values: Float64Array | undefined;
  readonly groups: Groups | undefined;
  readonly reducer: Reducer | undefined;
  readonly y: string | undefined;
}

/** One bar a value of `column`. */
export interface Bars {
  readonly bars: readonly Bar[];
  /** The labels are numbers or dates, and the bars stand in their order. */
  readonly ordered: boolean;
  /** Rows left out because they have no length. */
  readonly skipped: number;
}

export function barsOf(column: Column, { values, groups, reducer, y }: BarSource): Bars {
  const labels = labelsOf(column);
  const rows = new Map<string, Map<number, number[]>>();
  let skipped = 0;
  labels.forEach((label, i) => {
    const value = values?.[i] ?? (values ? Number.NaN : 1);
    if (Number.isNaN(value)) {
      skipped++;
      return;
    }
    const parts = rows.get(label) ?? new Map<number, number[]>();
    const group = groups?.of[i] ?? 0;
    const part = parts.get(group);
    if (part) part.push(value);
    else parts.set(group, [value]);
    rows.set(label, parts);
  });
  if (rows.size === 0)
    throw new FrameError("NOTHING_TO_PLOT", `y: the column "${y}" has no values`);
  const bars = Array.from(rows, ([label, parts]) => {
    const place = `${column.name} "${label}"`;
    const segments = Array.from(parts)
      .sort(([a], [b]) => a - b)
      .map(([colour, part]): Segment => {
        const group = groups?.names[colour];
        const value = reduce(part, reducer ?? sumOfOther(groups, colour), place);
        return group === undefined ? { colour, value } : { group, colour, value };
      });
    return { label, value: segments.reduce((sum, { value }) => sum + value, 0), segments };
  });
  const ordered = isOrdered(column);
  return { bars: ordered ? inOrder(bars, "label", bars.length) : bars, ordered, skipped };
}

/** The longest `limit` bars in the order wanted. */
export function inOrder(
  bars: readonly Bar[],
  order: "data" | "label" | "value",
  limit: number,
): Bar[] {
  const byLength = (a: Bar, b: Bar) => Math.abs(b.value) - Math.abs(a.value);
  const longest = new Set([...bars].sort(byLength).slice(0, limit));
  const shown = bars.filter((bar) => longest.has(bar));
  if (order === "label") return shown.sort((a, b) => natural(a.label, b.label));
  return order === "value" ? shown.sort((a, b) => b.value - a.value) : shown;
}

/** The rows of `other` are several by design. */
function sumOfOther(groups: Groups | undefined, colour: number): Reducer | undefined {
  return groups?.folded && colour === groups.names.length - 1 ? "sum" : undefined;
}

function isOrdered({ values }: Column): boolean {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!isMissing(value) && !isOrderedValue(value)) return false;
  }
  return true;
}

function isOrderedValue(value: unknown): boolean {
  if (typeof value === "string") return isDateText(value);
  return typeof value === "number" || typeof value === "bigint" || value instanceof Date;
}
