import { isMissing } from "./missing.ts";

const DAY = 86_400_000;

/** What a column of times is called: `date` when each is a midnight in UTC, else `timestamp`. */
export function timeType(values: ArrayLike<unknown>): "date" | "timestamp" {
  let isDate = false;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (isMissing(value)) continue;
    isDate = Number(value) % DAY === 0;
    if (!isDate) break;
  }
  return isDate ? "date" : "timestamp";
}
