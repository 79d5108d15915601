import type { DayDates } from "./day-dates.ts";
import { decodeTexts } from "./decode-texts.ts";
import { ObjectGatherer } from "./gather-objects.ts";
import { BILLIONS, type Inspection, isNear, millisecondsOf } from "./inspector.ts";
import { numberArray, putNumbers } from "./number-array.ts";
import { isValid, type Part } from "./part.ts";

/** @param days of the column, should it be one of days */
export function decodeValues(
  parts: readonly Part[],
  inspection: Inspection,
  days: DayDates,
): unknown[] {
  if (inspection.kind === "timestamp" && inspection.via !== "days") {
    return decodeTimes(parts, inspection);
  }
  const values = new Array<unknown>(rowsOf(parts));
  let at = 0;
  for (const part of parts) {
    if (inspection.via === "days") decodeDays(part, days, values, at);
    else decodePart(part, inspection, values, at);
    part.drop();
    at += part.rows;
  }
  return values;
}

const rowsOf = (parts: readonly Part[]) => parts.reduce((sum, { rows }) => sum + rows, 0);

/** Of a column of numbers without nulls. */
export function decodeNumbers(parts: readonly Part[], { via }: Inspection): number[] {
  const values = numberArray(rowsOf(parts));
  let at = 0;
  for (const part of parts) {
    if (via === "int64") putWholes(part.halves, part.rows, values, at);
    else if (via === "items") putNumbers(part.items, part.rows, values, at);
    else for (let row = 0; row < part.rows; row++) values[at + row] = Number(part.valueAt(row));
    part.drop();
    at += part.rows;
  }
  return values;
}

function putWholes(halves: Int32Array, rows: number, values: number[], at: number): void {
  for (let row = 0; row < rows; row++) values[at + row] = wholeAt(halves, row);
}

function wholeAt(halves: Int32Array, row: number): number {
  return (halves[2 * row + 1] ?? 0) * BILLIONS + ((halves[2 * row] ?? 0) >>> 0);
}

function decodePart(part: Part, inspection: Inspection, values: unknown[], at: number): void {
  const { rows, valid } = part;
  switch (inspection.via) {
    case "items": {
      const { items } = part;
      for (let row = 0; row < rows; row++) {
        values[at + row] = isValid(valid, row) ? items[row] : null;
      }
      return;
    }
    case "int64": {
      const { halves } = part;
      for (let row = 0; row < rows; row++) {
        values[at + row] = isValid(valid, row) ? wholeAt(halves, row) : null;
      }
      return;
    }
    case "text":
      decodeTexts(part, values, at);
      return;
    default:
      for (let row = 0; row < rows; row++) {
        values[at + row] = plain(part.valueAt(row), inspection);
      }
  }
}

function decodeDays(part: Part, days: DayDates, values: unknown[], at: number): void {
  const { items, valid, rows } = part;
  for (let row = 0; row < rows; row++) {
    values[at + row] = isValid(valid, row) ? days.dateOf(items[row] as number) : null;
  }
}

function decodeTimes(parts: readonly Part[], inspection: Inspection): unknown[] {
  const times = new ObjectGatherer();
  for (const part of parts) {
    const { valid } = part;
    const timeAt = timesOf(part, inspection);
    times.add(part.rows, (from, to, block) => {
      for (let row = from; row < to; row++) {
        block[row - from] = isValid(valid, row) ? new Date(timeAt(row)) : null;
      }
    });
    part.drop();
  }
  return times.gather();
}

/** Milliseconds since 1970 of the rows of a part. */
function timesOf(part: Part, { via }: Inspection): (row: number) => number {
  if (via === "microseconds") {
    const { halves } = part;
    return (row) => {
      const [low, high] = [halves[2 * row] ?? 0, halves[2 * row + 1] ?? 0];
      return isNear(high) ? (high * BILLIONS + (low >>> 0)) / 1000 : millisecondsOf(high, low);
    };
  }
  return (row) => Number((part.valueAt(row) as { nanos: bigint }).nanos / 1_000_000n);
}

function plain(value: unknown, { via }: Inspection): unknown {
  if (value === null || typeof value === "boolean") return value;
  return via === "number-text" ? Number(value) : String(value);
}
