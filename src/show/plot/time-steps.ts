import { plotLibrary } from "./draw.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Steps of the calendar by their name in Plot, their mean length, and the letters that tell them. */
const STEPS = [
  ["1 second", SECOND, 19],
  ["5 seconds", 5 * SECOND, 19],
  ["15 seconds", 15 * SECOND, 19],
  ["1 minute", MINUTE, 16],
  ["5 minutes", 5 * MINUTE, 16],
  ["15 minutes", 15 * MINUTE, 16],
  ["1 hour", HOUR, 16],
  ["3 hours", 3 * HOUR, 16],
  ["6 hours", 6 * HOUR, 16],
  ["12 hours", 12 * HOUR, 16],
  ["1 day", DAY, 10],
  ["1 week", 7 * DAY, 10],
  ["1 month", 30.44 * DAY, 7],
  ["3 months", 91.3 * DAY, 7],
  ["1 year", 365.25 * DAY, 4],
  ["5 years", 5 * 365.25 * DAY, 4],
  ["10 years", 10 * 365.25 * DAY, 4],
  ["50 years", 50 * 365.25 * DAY, 4],
  ["100 years", 100 * 365.25 * DAY, 4],
] as const;
const LONGEST = STEPS[18];

/** Edges of bins, and how they are written. */
export interface Edges {
  readonly edges: readonly number[];
  readonly width: string;
  label(from: number, to: number): string;
}

/** Edges where a step of the calendar begins in UTC: about `requested` of them; weeks from Monday. */
export function calendarEdges(low: number, high: number, requested: number): Edges {
  const span = Math.max(high - low, SECOND);
  const [name, , letters] =
    STEPS.find(([, length]) => span / length <= requested * 1.25) ?? LONGEST;
  const step = name.replace("1 week", "1 monday");
  const interval = plotLibrary().utcInterval(step.replace(/^1 /, "") as "day");
  const first = interval.floor(new Date(low));
  const edges = [first.getTime()];
  for (let edge = interval.offset(first, 1); ; edge = interval.offset(edge, 1)) {
    edges.push(edge.getTime());
    if (edge.getTime() > high) break;
  }
  const label = (from: number) => new Date(from).toISOString().replace("T", " ").slice(0, letters);
  return { edges, width: name, label };
}
