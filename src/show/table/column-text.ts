import { isMissing } from "./columns.ts";

/** How the cells of one column are written: alike, so that they can be compared at a glance. */
export interface ColumnText {
  readonly align: "left" | "right";
  text(value: unknown): string;
}

/** Beyond these a number is written with an exponent. */
const HUGE = 1e15;
const TINY = 1e-5;
const SIGNIFICANT = 6;

/**
 * Settles how a column is written from the values that will be seen. Numbers share their count of
 * decimals and carry no thousands separators, since a column of integers may hold years or ids,
 * and a cell is there to be copied. Dates are UTC, no finer than the column needs.
 */
export function columnText(seen: readonly unknown[], type = ""): ColumnText {
  const present = seen.filter((value) => !isMissing(value));
  if (present.length > 0 ? present.every(isNumeric) : NUMBER_TYPES.test(type)) {
    const number = numberText(present);
    return { align: "right", text: (value) => (isMissing(value) ? missing(value) : number(value)) };
  }
  const date = dateText(present.filter((value): value is Date => value instanceof Date));
  const text = (value: unknown) => {
    if (isMissing(value)) return missing(value);
    return value instanceof Date ? date(value) : plain(value);
  };
  return { align: "left", text };
}

/** Tells where the numbers of a column would stand that has none in sight. */
const NUMBER_TYPES = /^(integer|number|bigint|int\d+|float\d+)$/;

/** A count with thousands separators, the same in every locale: `1,204`. */
export function count(n: number): string {
  return n.toLocaleString("en-US");
}

/** `1 row`, `2 rows`. */
export function counted(n: number, noun: string): string {
  return `${count(n)} ${noun}${n === 1 ? "" : "s"}`;
}

/** `text` on one line, no longer than `limit` characters; what is cut shows as an ellipsis. */
export function shorten(text: string, limit: number): string {
  // Two UTF-16 units a character at most: no need to take a megabyte apart.
  const signs = Array.from(oneLine(text.slice(0, 2 * limit + 2)));
  return signs.length <= limit ? signs.join("") : `${signs.slice(0, limit - 1).join("")}…`;
}

function isNumeric(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

function missing(value: unknown): string {
  if (value === null || value === undefined) return "null";
  return value instanceof Date ? "invalid" : "NaN";
}

function numberText(present: readonly unknown[]): (value: unknown) => string {
  const finite = present.filter((value): value is number => Number.isFinite(value));
  const sizes = finite.map(Math.abs).filter((size) => size > 0);
  const largest = Math.max(0, ...sizes);
  const smallest = Math.min(1, ...sizes);
  const whole = finite.every(Number.isInteger);
  const extreme = largest >= HUGE || smallest < TINY;
  // Six digits of the largest number, and at least two of the smallest.
  const room = SIGNIFICANT - Math.max(1, Math.ceil(Math.log10(largest + 1)));
  const needed = 1 + Math.ceil(-Math.log10(smallest));
  const decimals = Math.min(Math.max(2, room, needed), Math.max(0, ...finite.map(decimalsOf)));
  return (value) => {
    if (typeof value !== "number" || !Number.isFinite(value)) return String(value);
    if (whole && Number.isSafeInteger(value)) return String(value);
    if (extreme) return String(Number(value.toPrecision(SIGNIFICANT)));
    return value.toFixed(decimals);
  };
}

/** Decimals of the shortest text that reads back as the same number. */
function decimalsOf(value: number): number {
  const [, digits = "", exponent = "0"] = /(?:\.(\d+))?(?:e([-+]\d+))?$/.exec(String(value)) ?? [];
  return Math.max(0, digits.length - Number(exponent));
}

function dateText(dates: readonly Date[]): (value: Date) => string {
  const times = dates.map((date) => date.getTime());
  const all = (unit: number) => times.every((time) => time % unit === 0);
  const end = all(86_400_000) ? 10 : all(60_000) ? 16 : all(1000) ? 19 : 23;
  return (value) => value.toISOString().replace("T", " ").replace("Z", "").slice(0, end);
}

function plain(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object") return String(value);
  const json = JSON.stringify(value, (_, part) => (typeof part === "bigint" ? `${part}` : part));
  return json ?? String(value);
}

function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be printed
  return text.replace(/\r\n|[\n\u2028\u2029]/g, "↵").replace(/[\u0000-\u001f\u007f-\u009f]/g, "·");
}
