import { extent } from "../number-text.ts";
import { type Column, isMissing } from "../table/columns.ts";
import { type Positions, positionsOf } from "./fields.ts";
import { extentText } from "./position-axis.ts";

/** 3 to 1 at least on white, and on the darkest page of JupyterLab. */
const STOPS = ["#3f6fd8", "#8d62d9", "#c9509a", "#e2603f", "#b98600"].map(channels);

/** Where a value is missing. */
export const NO_COLOUR = "#868a92";

/** As many values as have a colour each in PALETTE. */
const FEW = 10;

/** Colours for the numbers or dates of a column. */
export interface Ramp {
  readonly of: (row: number) => string;
  readonly low: string;
  readonly high: string;
  readonly isMissing: (row: number) => boolean;
}

/** Undefined for texts, and for so few different numbers that each has a colour of its own. */
export function rampOf(column: Column): Ramp | undefined {
  const seen = new Set<unknown>();
  let hasDates = false;
  for (let row = 0; row < column.values.length; row++) {
    const value = column.values[row];
    if (isMissing(value)) continue;
    if (typeof value !== "number" && typeof value !== "bigint" && !(value instanceof Date)) return;
    hasDates ||= value instanceof Date;
    if (seen.size <= FEW) seen.add(Number(value));
  }
  if (seen.size === 0 || (seen.size <= FEW && !hasDates)) return undefined;
  const positions: Positions = positionsOf(column, "color");
  const [low, high] = extent(positions.at);
  const [lowText, highText] = extentText(positions);
  const at = (row: number) => positions.at[row] ?? Number.NaN;
  return {
    of: (row) =>
      Number.isNaN(at(row)) ? NO_COLOUR : rampColour((at(row) - low) / (high - low || 1)),
    low: lowText,
    high: highText,
    isMissing: (row) => Number.isNaN(at(row)),
  };
}

/** @param share from 0 for the smallest value to 1 for the largest */
export function rampColour(share: number): string {
  const place = Math.min(1, Math.max(0, share)) * (STOPS.length - 1);
  const [from, to] = [STOPS[Math.floor(place)], STOPS[Math.ceil(place)]];
  const mixed = [0, 1, 2].map((channel) => {
    const [a = 0, b = 0] = [from?.[channel], to?.[channel]];
    return Math.round(a + (b - a) * (place - Math.floor(place)));
  });
  return `#${mixed.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}

function channels(colour: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}
