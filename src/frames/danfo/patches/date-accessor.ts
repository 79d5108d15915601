import { isMissing } from "../../../core/missing.ts";
import type { Methods, PatchTarget } from "./danfo-internals.ts";
import { dateText } from "./value-keys.ts";

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** As in Danfo, months count from 0 and days of the week from Sunday, which is 0. */
const FIELDS: Readonly<Record<string, (date: Date) => number | string | undefined>> = {
  year: (date) => date.getUTCFullYear(),
  month: (date) => date.getUTCMonth(),
  monthName: (date) => MONTHS[date.getUTCMonth()],
  dayOfMonth: (date) => date.getUTCDate(),
  dayOfWeek: (date) => date.getUTCDay(),
  dayOfWeekName: (date) => DAYS[date.getUTCDay()],
  hours: (date) => date.getUTCHours(),
  minutes: (date) => date.getUTCMinutes(),
  seconds: (date) => date.getUTCSeconds(),
  date: dateText,
};

/** The accessor `dt` reads UTC, not this machine's time zone, and null of null. */
export function patchDateAccessor({ danfo }: PatchTarget): void {
  const times = danfo.Dt.prototype as unknown as Methods;
  times.processData = (values: readonly unknown[]) => values.map(dateOf);
  for (const [name, field] of Object.entries(FIELDS)) {
    times[name] = function read(this: { $dateObjectArray: (Date | null)[] }) {
      const values = this.$dateObjectArray.map((date) => (date ? (field(date) ?? null) : null));
      return new danfo.Series(values);
    } as Methods[string];
  }
}

const ZONED = /(Z|[-+]\d\d:?\d\d)$/;
const ISO = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/;

/** A text without a zone is UTC, as a column of timestamps without one is. */
function dateOf(value: unknown): Date | null {
  if (isMissing(value)) return null;
  if (value instanceof Date) return value;
  const text = String(value);
  const date = new Date(ISO.test(text) && !ZONED.test(text) ? `${text.replace(" ", "T")}Z` : text);
  if (!Number.isNaN(date.getTime())) return date;
  throw new Error(`"${text.slice(0, 40)}" is no date`);
}
