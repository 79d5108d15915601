import { DuckDBTypeId } from "@duckdb/node-api";
import { isValid, type Part } from "./vectors.ts";

/** What can be known of a column before its values are made. */
export interface Inspection {
  readonly kind: "number" | "text" | "boolean" | "timestamp";
  /** How `decode` has to go about it. */
  readonly via: "items" | "int64" | "days" | "microseconds" | "text" | "number-text" | "generic";
  readonly isInt32: boolean;
}

export const BILLIONS = 2 ** 32;
// The upper halves of the integers from -2^53 up to 2^53.
const SAFE_HIGH = 2 ** 21;
// Beyond this the engine means infinity, and a Date cannot hold it.
const LAST_DAY = 100_000_000;

const TEXT: Inspection = { kind: "text", via: "generic", isInt32: false };

/**
 * @param typeId type in which the parts hold the column
 * @param isWide the column holds numbers as text because they may be too wide for a number
 */
export function inspect(parts: readonly Part[], typeId: DuckDBTypeId, isWide: boolean): Inspection {
  switch (typeId) {
    case DuckDBTypeId.BOOLEAN:
      return { ...TEXT, kind: "boolean" };
    case DuckDBTypeId.TINYINT:
    case DuckDBTypeId.SMALLINT:
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.UTINYINT:
    case DuckDBTypeId.USMALLINT:
      return { kind: "number", via: "items", isInt32: true };
    case DuckDBTypeId.UINTEGER:
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
      return { kind: "number", via: "items", isInt32: false };
    case DuckDBTypeId.BIGINT:
      return inspectInt64(parts, -SAFE_HIGH);
    case DuckDBTypeId.UBIGINT:
      return inspectInt64(parts, 0);
    case DuckDBTypeId.DATE:
      return parts.every(areDays) ? { ...TEXT, kind: "timestamp", via: "days" } : TEXT;
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_TZ:
      return parts.every(areMilliseconds)
        ? { ...TEXT, kind: "timestamp", via: "microseconds" }
        : TEXT;
    case DuckDBTypeId.TIMESTAMP_NS:
      return parts.every(haveNoNanoseconds) ? { ...TEXT, kind: "timestamp" } : TEXT;
    default:
      if (!isWide) return { ...TEXT, via: "text" };
      return parts.every(areExact) ? { ...TEXT, kind: "number", via: "number-text" } : TEXT;
  }
}

// These go through all rows before anything can be shown. What a null's place holds may be
// anything, so whether it is one is asked where a value would be refused, and not of each.

function inspectInt64(parts: readonly Part[], lowest: number): Inspection {
  let isInt32 = true;
  for (const { halves, valid, rows } of parts) {
    for (let row = 0; row < rows; row++) {
      const high = halves[2 * row + 1] as number;
      if (high === (halves[2 * row] as number) >> 31 && high >= lowest) continue;
      if (!isValid(valid, row)) continue;
      isInt32 = false;
      if (high < lowest || high >= SAFE_HIGH) return TEXT;
    }
  }
  return { kind: "number", via: "int64", isInt32 };
}

function areDays({ items, valid, rows }: Part): boolean {
  for (let row = 0; row < rows; row++) {
    if (Math.abs(items[row] as number) > LAST_DAY && isValid(valid, row)) return false;
  }
  return true;
}

function areMilliseconds({ halves, valid, rows }: Part): boolean {
  for (let row = 0; row < rows; row++) {
    const high = halves[2 * row + 1] as number;
    const whole = high * BILLIONS + ((halves[2 * row] as number) >>> 0);
    // Much quicker than the remainder, and as exact: multiples of 1000 below 2^53 are doubles.
    const isWhole = Math.floor(whole / 1000) * 1000 === whole;
    if (isWhole && high >= -SAFE_HIGH && high < SAFE_HIGH) continue;
    if (isValid(valid, row)) return false;
  }
  return true;
}

// Nanoseconds do not fit a number: this type is rarer, so it may be slower.
function haveNoNanoseconds({ items, valid }: Part): boolean {
  return (items as unknown as BigInt64Array).every(
    (value, row) => !isValid(valid, row) || value % 1_000_000n === 0n,
  );
}

function areExact({ vector, rows }: Part): boolean {
  for (let row = 0; row < rows; row++) {
    const value = vector.getItem(row);
    if (value !== null && !isExactNumber(String(value))) return false;
  }
  return true;
}

/** Whether a number says the same: a double keeps any integer up to 2^53, and any 15 digits. */
function isExactNumber(text: string): boolean {
  if (/^[-+]?\d+$/.test(text)) return Number.isSafeInteger(Number(text));
  return text.replace(/^[-+]?0*\.?0*|\./g, "").length <= 15;
}
