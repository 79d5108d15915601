import { isMissing } from "../../../core/missing.ts";

/** A text that two values share if and only if they are the same: of dates, the same moment. */
export function keyOf(value: unknown): string {
  if (isMissing(value)) return "none";
  if (value instanceof Date) return `date ${value.getTime()}`;
  return `${typeof value} ${value === 0 ? 0 : String(value)}`;
}

/** The same of several values side by side. */
export function keyOfAll(values: readonly unknown[]): string {
  return JSON.stringify(values.map(keyOf));
}

/** A value as the label of a row: a date as ISO 8601 in UTC, without a time that is midnight. */
export function labelOf(value: unknown): string | number {
  if (typeof value === "number") return value;
  return value instanceof Date ? dateText(value) : String(value);
}

/** A date as ISO 8601 in UTC, whatever this machine's time zone, no finer than it needs to be. */
export function dateText(date: Date): string {
  if (Number.isNaN(date.getTime())) return "";
  const text = date.toISOString();
  return date.getTime() % 86_400_000 === 0 ? text.slice(0, 10) : text.replace(".000Z", "Z");
}
