import type { ScaleOptions } from "@observablehq/plot";
import { brief, extent, tick } from "../number-text.ts";
import { columnText } from "../table/column-text.ts";
import type { Positions } from "./fields.ts";

/** A horizontal axis of numbers or of times (UTC). */
export function positionAxis(kind: Positions["kind"]): ScaleOptions {
  return kind === "time" ? { type: "utc" } : { type: "linear", tickFormat: tick };
}

/** No fractions of a row at an axis of few. */
export function countTicks(most: number): ScaleOptions {
  return most < 6 ? { ticks: Math.max(1, most) } : {};
}

/** The smallest and largest position as text; dates are no finer than the two need. */
export function extentText({ kind, at }: Positions): readonly [string, string] {
  const [low, high] = extent(at);
  if (kind === "number") return [brief(low), brief(high)];
  const ends = [new Date(low), new Date(high)] as const;
  const { text } = columnText(ends);
  return [text(ends[0]), text(ends[1])];
}
