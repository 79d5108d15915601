import type { ScaleOptions } from "@observablehq/plot";
import type { Positions } from "./fields.ts";
import { tick } from "./number-text.ts";

/** A horizontal axis of numbers or of times (UTC). */
export function positionAxis(kind: Positions["kind"]): ScaleOptions {
  return kind === "time" ? { type: "utc" } : { type: "linear", tickFormat: tick };
}
