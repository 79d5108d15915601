import type { ColumnType } from "../../sql/frame-types.ts";
import type { DenseValues } from "./dense-values.ts";
import type { ColumnFacts } from "./file-stats.ts";

/** What is known of the values of a column. */
export interface Bounds {
  readonly nulls: number;
  readonly hasNaN: boolean;
  /** Nothing where there are no values, or no bounds of them are told. */
  readonly min?: Bound;
  readonly max?: Bound;
}

/** A number; of 64 bits a bigint, and of text its bytes. */
type Bound = number | bigint | Buffer;

/** The smallest and the largest of some values. */
export function boundsOf(type: ColumnType, { words, count }: DenseValues): Omit<Bounds, "nulls"> {
  if (count === 0) return { hasNaN: false };
  if (type === "double") return doubleBounds(new Float64Array(words.buffer, 0, count));
  return { hasNaN: false, ...(type === "int" || type === "date" ? intBounds : wideBounds)(words) };
}

// A loop of its own each: together in one function they are slower.

function intBounds(words: Int32Array): Pick<Bounds, "min" | "max"> {
  let min = words[0] as number;
  let max = min;
  for (let at = 1; at < words.length; at++) {
    const value = words[at] as number;
    if (value < min) min = value;
    else if (value > max) max = value;
  }
  return { min, max };
}

/** As doubles, which is exact but for moments in other millennia: those are looked at again. */
function wideBounds(words: Int32Array): Pick<Bounds, "min" | "max"> {
  let [least, most] = [0, 0];
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = 0; 2 * at < words.length; at++) {
    const value = (words[2 * at + 1] as number) * 2 ** 32 + ((words[2 * at] as number) >>> 0);
    if (value < min || (value === min && !isSafe(value) && isLess(words, at, least))) {
      min = value;
      least = at;
    }
    if (value > max || (value === max && !isSafe(value) && isLess(words, most, at))) {
      max = value;
      most = at;
    }
  }
  return { min: wholeAt(words, least), max: wholeAt(words, most) };
}

const isSafe = Number.isSafeInteger;

const wholeAt = (words: Int32Array, at: number) =>
  (BigInt(words[2 * at + 1] as number) << 32n) + BigInt((words[2 * at] as number) >>> 0);

const isLess = (words: Int32Array, one: number, other: number) =>
  wholeAt(words, one) < wholeAt(words, other);

function doubleBounds(values: Float64Array): Omit<Bounds, "nulls"> {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number;
    if (Number.isNaN(value)) return { hasNaN: true };
    if (value < min) min = value;
    if (value > max) max = value;
  }
  // Of two zeros either may be the bound.
  return { hasNaN: false, min: min === 0 ? -0 : min, max: max === 0 ? 0 : max };
}

/**
 * In the order of their bytes.
 *
 * @param texts each as the number of its bytes and those
 */
export function boundsOfTexts(texts: Buffer): Pick<Bounds, "min" | "max"> {
  let min: Buffer | undefined;
  let max: Buffer | undefined;
  for (let at = 0; at < texts.length; ) {
    const start = at + 4;
    at = start + texts.readInt32LE(at);
    if (!min || texts.compare(min, 0, min.length, start, at) < 0) min = texts.subarray(start, at);
    if (!max || texts.compare(max, 0, max.length, start, at) > 0) max = texts.subarray(start, at);
  }
  return min && max ? { min, max } : {};
}

export function mergeBounds(one: Bounds, other: Bounds): Bounds {
  const nulls = one.nulls + other.nulls;
  const hasNaN = one.hasNaN || other.hasNaN;
  const pick = (a: Bound | undefined, b: Bound | undefined, sign: 1 | -1) =>
    a === undefined || b === undefined ? (a ?? b) : compare(a, b) * sign > 0 ? b : a;
  const [min, max] = [pick(one.min, other.min, 1), pick(one.max, other.max, -1)];
  if (hasNaN || min === undefined || max === undefined) return { nulls, hasNaN };
  return { nulls, hasNaN, min, max };
}

function compare(one: Bound, other: Bound): number {
  if (Buffer.isBuffer(one) && Buffer.isBuffer(other)) return Buffer.compare(one, other);
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Texts from here on have no bounds in a file. */
const LONGEST = 256;

/** A bound as a value is stored. */
export function valueBytes(type: ColumnType, value: Bound | undefined): Buffer | undefined {
  if (value === undefined) return undefined;
  if (Buffer.isBuffer(value)) return value.length < LONGEST ? value : undefined;
  const bytes = Buffer.alloc(typeof value === "number" && type !== "double" ? 4 : 8);
  if (typeof value === "bigint") bytes.writeBigInt64LE(value);
  else if (type === "double") bytes.writeDoubleLE(value);
  else bytes.writeInt32LE(value);
  return bytes;
}

/** Bounds in the words of the engine. */
export function factsOf(type: ColumnType, { nulls, hasNaN, min, max }: Bounds): ColumnFacts {
  const facts = new Map([
    ["null_count", String(nulls)],
    ["has_nan", String(hasNaN)],
  ]);
  if (min !== undefined && max !== undefined) {
    facts.set("min", boundText(type, min));
    facts.set("max", boundText(type, max));
  }
  return facts;
}

function boundText(type: ColumnType, value: Bound): string {
  if (type === "date") return new Date(Number(value) * 86_400_000).toISOString().slice(0, -14);
  if (type !== "timestamp") return String(value);
  // They are whole milliseconds.
  const iso = new Date(Number((value as bigint) / 1_000n)).toISOString();
  return iso.replace("T", " ").replace("Z", "");
}
