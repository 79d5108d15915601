import { DuckDBTypeId, type DuckDBVector } from "@duckdb/node-api";
import { decodeTexts } from "./texts.ts";

/** Consecutive rows of one column, as the engine holds them. */
export interface Part {
  readonly vector: DuckDBVector;
  readonly rows: number;
}

/** What can be known of a column before its values are made. */
export interface Inspection {
  readonly kind: "number" | "text" | "boolean" | "timestamp";
  /** How `decode` has to go about it. */
  readonly via: "items" | "int64" | "days" | "microseconds" | "text" | "number-text" | "generic";
  readonly isInt32: boolean;
  readonly nulls: number;
}

/** What lies behind the typings of a vector: the engine's own memory. */
interface Memory {
  readonly items?: ArrayLike<number> & ArrayBufferView;
  readonly validity?: { readonly data: BigUint64Array | null };
  /** 16 bytes a text: its length, then all of it if it is short. */
  readonly dataView?: DataView;
}

type Values = ArrayLike<number>;

const BILLIONS = 2 ** 32;
// The upper halves of the integers from -2^53 up to 2^53.
const SAFE_HIGH = 2 ** 21;
// Beyond this the engine means infinity, and a Date cannot hold it.
const LAST_DAY = 100_000_000;

/** @param isWide the column holds numbers as text because they may be too wide for a number */
export function inspect(parts: readonly Part[], isWide: boolean): Inspection {
  const nulls = parts.reduce((sum, part) => sum + nullsIn(part), 0);
  const text: Inspection = { kind: "text", via: "generic", isInt32: false, nulls };
  const first = parts[0]?.vector;
  if (!first) return text;
  switch (first.type.typeId) {
    case DuckDBTypeId.BOOLEAN:
      return { ...text, kind: "boolean" };
    case DuckDBTypeId.TINYINT:
    case DuckDBTypeId.SMALLINT:
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.UTINYINT:
    case DuckDBTypeId.USMALLINT:
      return { kind: "number", via: "items", isInt32: true, nulls };
    case DuckDBTypeId.UINTEGER:
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
      return { kind: "number", via: "items", isInt32: false, nulls };
    case DuckDBTypeId.BIGINT:
      return inspectInt64(parts, text, -SAFE_HIGH);
    case DuckDBTypeId.UBIGINT:
      return inspectInt64(parts, text, 0);
    case DuckDBTypeId.DATE: {
      const isDate = every(parts, itemsOf, (day) => Math.abs(day) <= LAST_DAY);
      return isDate ? { ...text, kind: "timestamp", via: "days" } : text;
    }
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_TZ: {
      const isWhole = everyInt64(
        parts,
        (high, low) => isSafe(high) && (high * BILLIONS + low) % 1000 === 0,
      );
      return isWhole ? { ...text, kind: "timestamp", via: "microseconds" } : text;
    }
    case DuckDBTypeId.TIMESTAMP_NS:
      return inspectNanoseconds(parts, text);
    default:
      return isWide ? inspectNumberText(parts, text) : { ...text, via: "text" };
  }
}

function inspectInt64(parts: readonly Part[], text: Inspection, lowest: number): Inspection {
  if (!everyInt64(parts, (high) => high >= lowest && high < SAFE_HIGH)) return text;
  const isInt32 = everyInt64(parts, (high, low) => high === (low | 0) >> 31);
  return { ...text, kind: "number", via: "int64", isInt32 };
}

// Nanoseconds do not fit a number: this type is rarer, so it may be slower.
function inspectNanoseconds(parts: readonly Part[], text: Inspection): Inspection {
  const isWhole = parts.every((part) => {
    const items = (part.vector as unknown as Memory).items as unknown as BigInt64Array;
    const valid = validityOf(part);
    return items.every((value, row) => !isValid(valid, row) || value % 1_000_000n === 0n);
  });
  return isWhole ? { ...text, kind: "timestamp" } : text;
}

function inspectNumberText(parts: readonly Part[], text: Inspection): Inspection {
  const isExact = parts.every(({ vector, rows }) => {
    for (let row = 0; row < rows; row++) {
      const value = vector.getItem(row);
      if (value !== null && !isExactNumber(String(value))) return false;
    }
    return true;
  });
  return isExact ? { ...text, kind: "number", via: "number-text" } : text;
}

/** Whether a number says the same: a double keeps any integer up to 2^53, and any 15 digits. */
function isExactNumber(text: string): boolean {
  if (/^[-+]?\d+$/.test(text)) return Number.isSafeInteger(Number(text));
  return text.replace(/^[-+]?0*\.?0*|\./g, "").length <= 15;
}

/** The values of `parts`, one after another. */
export function decode(parts: readonly Part[], inspection: Inspection): unknown[] {
  const values: unknown[] = new Array(parts.reduce((sum, part) => sum + part.rows, 0));
  let at = 0;
  for (const part of parts) {
    decodePart(part, inspection, values, at);
    at += part.rows;
  }
  return values;
}

function decodePart(part: Part, inspection: Inspection, values: unknown[], at: number): void {
  const { vector, rows } = part;
  const valid = validityOf(part);
  switch (inspection.via) {
    case "items": {
      const items = itemsOf(part);
      for (let row = 0; row < rows; row++) {
        values[at + row] = isValid(valid, row) ? items[row] : null;
      }
      return;
    }
    case "days": {
      const items = itemsOf(part);
      for (let row = 0; row < rows; row++) {
        values[at + row] = isValid(valid, row) ? new Date((items[row] ?? 0) * 86_400_000) : null;
      }
      return;
    }
    case "int64":
    case "microseconds": {
      const halves = halvesOf(part);
      const isTime = inspection.via === "microseconds";
      for (let row = 0; row < rows; row++) {
        const whole = (halves[2 * row + 1] ?? 0) * BILLIONS + ((halves[2 * row] ?? 0) >>> 0);
        values[at + row] = !isValid(valid, row) ? null : isTime ? new Date(whole / 1000) : whole;
      }
      return;
    }
    case "text":
      decodeTexts(vector, (vector as unknown as Memory).dataView, valid, rows, values, at);
      return;
    default:
      for (let row = 0; row < rows; row++) {
        values[at + row] = plain(vector.getItem(row), inspection);
      }
  }
}

function plain(value: unknown, { kind, via }: Inspection): unknown {
  if (value === null || typeof value === "boolean") return value;
  if (via === "number-text") return Number(value);
  if (kind === "timestamp")
    return new Date(Number((value as { nanos: bigint }).nanos / 1_000_000n));
  return String(value);
}

function isSafe(high: number): boolean {
  return high >= -SAFE_HIGH && high < SAFE_HIGH;
}

function itemsOf(part: Part): Values {
  return (part.vector as unknown as Memory).items ?? [];
}

/** 64-bit integers as pairs of a lower and an upper half. */
function halvesOf(part: Part): Int32Array {
  const items = (part.vector as unknown as Memory).items;
  if (!items) return new Int32Array();
  return new Int32Array(items.buffer, items.byteOffset, 2 * part.rows);
}

/** One bit a row, set where there is a value; undefined if there is one everywhere. */
function validityOf(part: Part): Uint8Array | undefined {
  const data = (part.vector as unknown as Memory).validity?.data;
  return data ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : undefined;
}

function isValid(valid: Uint8Array | undefined, row: number): boolean {
  return valid === undefined || ((valid[row >> 3] ?? 0) & (1 << (row & 7))) !== 0;
}

function nullsIn(part: Part): number {
  const valid = validityOf(part);
  if (!valid) return 0;
  let nulls = 0;
  for (let row = 0; row < part.rows; row++) if (!isValid(valid, row)) nulls += 1;
  return nulls;
}

function every(
  parts: readonly Part[],
  itemsIn: (part: Part) => Values,
  test: (value: number) => boolean,
): boolean {
  return parts.every((part) => {
    const items = itemsIn(part);
    const valid = validityOf(part);
    for (let row = 0; row < part.rows; row++) {
      if (isValid(valid, row) && !test(items[row] ?? 0)) return false;
    }
    return true;
  });
}

function everyInt64(parts: readonly Part[], test: (high: number, low: number) => boolean): boolean {
  return parts.every((part) => {
    const halves = halvesOf(part);
    const valid = validityOf(part);
    for (let row = 0; row < part.rows; row++) {
      const low = (halves[2 * row] ?? 0) >>> 0;
      if (isValid(valid, row) && !test(halves[2 * row + 1] ?? 0, low)) return false;
    }
    return true;
  });
}
