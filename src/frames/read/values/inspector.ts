import { DuckDBTypeId } from "@duckdb/node-api";
import { isValid, type Part } from "./part.ts";

/** What is known of a column before its values are decoded. */
export interface Inspection {
  readonly kind: "number" | "text" | "boolean" | "timestamp";
  /** How to decode it. */
  readonly via: "items" | "int64" | "days" | "microseconds" | "text" | "number-text" | "generic";
  readonly isInt32: boolean;
}

export const BILLIONS = 2 ** 32;
// The upper halves of the integers from -2^53 up to 2^53.
const SAFE_HIGH = 2 ** 21;
// Beyond this the engine has infinity, and a Date none.
const LAST_DAY = 100_000_000;
// The upper half of the microseconds until then.
const LAST_HIGH = Math.floor((LAST_DAY * 86_400_000_000) / BILLIONS);

const TEXT: Inspection = { kind: "text", via: "generic", isInt32: false };
const TIME: Inspection = { kind: "timestamp", via: "generic", isInt32: false };
const NUMBER: Inspection = { kind: "number", via: "items", isInt32: false };

/** Finds out how to decode a column, part by part. */
export class Inspector {
  /** Result for the parts so far. */
  inspection: Inspection;
  readonly #holds: Rule["holds"];
  readonly #fitsInt32: Rule["fitsInt32"];

  /**
   * @param typeId type of the parts
   * @param isWide whether the column is numbers as text, which may be too large for a number
   */
  constructor(typeId: DuckDBTypeId, isWide: boolean) {
    const rule = ruleOf(typeId, isWide);
    this.inspection = rule.first;
    this.#holds = rule.holds;
    this.#fitsInt32 = rule.fitsInt32;
  }

  look(part: Part): void {
    if (this.inspection === TEXT || !this.#holds) return;
    if (this.inspection.isInt32 && this.#fitsInt32?.(part)) return;
    if (!this.#holds(part)) this.inspection = TEXT;
    else if (this.inspection.isInt32) this.inspection = { ...this.inspection, isInt32: false };
  }
}

interface Rule {
  /** Result for a column without rows. */
  readonly first: Inspection;
  /** Whether it applies to a part; otherwise the column is text. Absent if it always does. */
  readonly holds?: (part: Part) => boolean;
  readonly fitsInt32?: (part: Part) => boolean;
}

function ruleOf(typeId: DuckDBTypeId, isWide: boolean): Rule {
  switch (typeId) {
    case DuckDBTypeId.BOOLEAN:
      return { first: { ...TEXT, kind: "boolean" } };
    case DuckDBTypeId.TINYINT:
    case DuckDBTypeId.SMALLINT:
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.UTINYINT:
    case DuckDBTypeId.USMALLINT:
      return { first: { ...NUMBER, isInt32: true } };
    case DuckDBTypeId.UINTEGER:
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
      return { first: NUMBER };
    case DuckDBTypeId.BIGINT:
    case DuckDBTypeId.UBIGINT: {
      const lowest = typeId === DuckDBTypeId.BIGINT ? -SAFE_HIGH : 0;
      return {
        first: { kind: "number", via: "int64", isInt32: true },
        holds: (part) => areSafe(part, lowest),
        fitsInt32: (part) => areInt32(part, lowest),
      };
    }
    case DuckDBTypeId.DATE:
      return { first: { ...TIME, via: "days" }, holds: areDays };
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_TZ:
      return { first: { ...TIME, via: "microseconds" }, holds: areMilliseconds };
    case DuckDBTypeId.TIMESTAMP_NS:
      return { first: TIME, holds: haveNoNanoseconds };
    default:
      if (!isWide) return { first: { ...TEXT, via: "text" } };
      return { first: { ...NUMBER, via: "number-text" }, holds: areExact };
  }
}

// These run over all rows before anything is shown. A null's slot may hold anything: whether a row
// is null is only tested where its value would be refused.

function areInt32({ halves, valid, rows }: Part, lowest: number): boolean {
  for (let row = 0; row < rows; row++) {
    const high = halves[2 * row + 1] as number;
    if (high === (halves[2 * row] as number) >> 31 && high >= lowest) continue;
    if (isValid(valid, row)) return false;
  }
  return true;
}

function areSafe({ halves, valid, rows }: Part, lowest: number): boolean {
  for (let row = 0; row < rows; row++) {
    const high = halves[2 * row + 1] as number;
    if ((high < lowest || high >= SAFE_HIGH) && isValid(valid, row)) return false;
  }
  return true;
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
    // Faster than the remainder, and exact: multiples of 1000 below 2^53 are doubles.
    const isWhole = Math.floor(whole / 1000) * 1000 === whole;
    if (isWhole && isNear(high)) continue;
    if (!isNear(high) && Number.isInteger(millisecondsOf(high, halves[2 * row] as number)))
      continue;
    if (isValid(valid, row)) return false;
  }
  return true;
}

/** Whether microseconds are below 2^53: from 1684 to 2255. */
export function isNear(high: number): boolean {
  return high >= -SAFE_HIGH && high < SAFE_HIGH;
}

/**
 * Milliseconds of microseconds in two halves, however large; NaN when not whole, or too large for a
 * Date.
 */
export function millisecondsOf(high: number, low: number): number {
  if (Math.abs(high) >= LAST_HIGH) return Number.NaN;
  const thousands = Math.floor(high / 1000);
  const rest = (high - thousands * 1000) * BILLIONS + (low >>> 0);
  return rest % 1000 === 0 ? thousands * BILLIONS + rest / 1000 : Number.NaN;
}

// Nanoseconds need a bigint, which is slower; the type is rare.
function haveNoNanoseconds({ items, valid }: Part): boolean {
  return (items as unknown as BigInt64Array).every(
    (value, row) => !isValid(valid, row) || value % 1_000_000n === 0n,
  );
}

function areExact(part: Part): boolean {
  for (let row = 0; row < part.rows; row++) {
    const value = part.valueAt(row);
    if (value !== null && !isExactNumber(String(value))) return false;
  }
  return true;
}

/** Whether a double keeps a number: any integer up to 2^53, and any 15 digits. */
function isExactNumber(text: string): boolean {
  if (/^[-+]?\d+$/.test(text)) return Number.isSafeInteger(Number(text));
  return text.replace(/^[-+]?0*\.?0*|\./g, "").length <= 15;
}
