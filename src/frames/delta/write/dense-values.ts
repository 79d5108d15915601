import { BILLIONS, isNear, millisecondsOf } from "../../read/values/inspector.ts";
import { isValid, type Part } from "../../read/values/part.ts";
import type { ColumnType } from "../../sql/frame-types.ts";

/** Values of a column one behind the other, nulls left out. */
export interface DenseValues {
  readonly count: number;
  /** 32-bit words of the values in the machine's order, and how many of them a value has. */
  readonly words: Int32Array;
  readonly each: 1 | 2 | 4;
  /** Which rows have a value, one bit a row; nothing where all have. */
  readonly valid: Uint8Array | undefined;
}

const TEXT_WORDS = 4;

/** Memory for so many rows of a column. */
export const roomForRows = (rows: number) => new Int32Array(rows * TEXT_WORDS);

/** The values of some parts as they are stored; a text as the engine's 16 bytes. */
export function denseValues(
  parts: readonly Part[],
  type: ColumnType,
  rows: number,
  words: Int32Array,
): DenseValues {
  const each =
    type === "text"
      ? TEXT_WORDS
      : type === "bigint" || type === "double" || type === "timestamp"
        ? 2
        : 1;
  const put = PUTS[type];
  let valid: Uint8Array | undefined;
  let at = 0;
  let count = 0;
  for (const part of parts) {
    const { valid: ofPart } = part;
    if (ofPart) {
      valid ??= new Uint8Array(Math.ceil(rows / 8)).fill(255);
      putValid(ofPart, part.rows, valid, at);
    }
    count = put(part, ofPart, words, count);
    at += part.rows;
    part.release();
  }
  // Behind the last row there is none.
  if (valid && rows % 8 > 0)
    valid[rows >> 3] = (valid[rows >> 3] as number) & (255 >> (8 - (rows % 8)));
  return {
    count,
    words: words.subarray(0, count * each),
    each,
    valid: count < rows ? valid : undefined,
  };
}

function putValid(from: Uint8Array, rows: number, to: Uint8Array, at: number): void {
  if (at % 8 === 0 && rows % 8 === 0) {
    to.set(from.subarray(0, rows / 8), at >> 3);
    return;
  }
  for (let row = 0; row < rows; row++) {
    const place = at + row;
    const bit = 1 << (place & 7);
    const before = to[place >> 3] as number;
    to[place >> 3] = isValid(from, row) ? before | bit : before & ~bit;
  }
}

/** Puts a part's values behind the first `at`; tells how many there are then. */
type Put = (part: Part, valid: Uint8Array | undefined, words: Int32Array, at: number) => number;

const PUTS: Readonly<Record<ColumnType, Put>> = {
  text: ({ texts, rows }, valid, words, at) => {
    if (!texts) return at;
    const start = texts.byteOffset;
    const items =
      start % 4 === 0
        ? new Int32Array(texts.buffer, start, TEXT_WORDS * rows)
        : new Int32Array(texts.buffer.slice(start, start + 4 * TEXT_WORDS * rows));
    return putWords(items, valid, words, at, TEXT_WORDS);
  },
  boolean: ({ items, rows }, valid, words, at) => {
    let count = at;
    for (let row = 0; row < rows; row++) {
      if (isValid(valid, row)) words[count++] = items[row] as number;
    }
    return count;
  },
  int: ({ items, rows }, valid, words, at) => {
    const halves = halvesOf(items);
    let count = at;
    for (let row = 0; row < rows; row++) {
      if (!isValid(valid, row)) continue;
      words[count++] = (halves ? halves[2 * row] : items[row]) as number;
    }
    return count;
  },
  date: ({ items, rows }, valid, words, at) => {
    const halves = halvesOf(items);
    let count = at;
    for (let row = 0; row < rows; row++) {
      if (!isValid(valid, row)) continue;
      words[count++] = halves ? millisecondsAt(halves, row) / 86_400_000 : (items[row] as number);
    }
    return count;
  },
  double: ({ items, rows }, valid, words, at) => {
    const doubles = new Float64Array(words.buffer);
    if (!valid) {
      doubles.set(items, at);
      return at + rows;
    }
    let count = at;
    for (let row = 0; row < rows; row++) {
      if (isValid(valid, row)) doubles[count++] = items[row] as number;
    }
    return count;
  },
  bigint: ({ items, rows }, valid, words, at) => {
    const halves = halvesOf(items);
    if (halves) return putWords(halves, valid, words, at, 2);
    let count = at;
    for (let row = 0; row < rows; row++) {
      if (!isValid(valid, row)) continue;
      const value = items[row] as number;
      words[2 * count] = value % BILLIONS;
      words[2 * count + 1] = Math.floor(value / BILLIONS);
      count++;
    }
    return count;
  },
  timestamp: ({ halves }, valid, words, at) => putWords(halves, valid, words, at, 2),
};

/** The lower and the upper half of each item, where they have 64 bits. */
function halvesOf(items: unknown): Int32Array | undefined {
  const areWide = items instanceof BigInt64Array || items instanceof BigUint64Array;
  return areWide ? new Int32Array(items.buffer, items.byteOffset, 2 * items.length) : undefined;
}

function millisecondsAt(halves: Int32Array, row: number): number {
  const [low, high] = [halves[2 * row] as number, halves[2 * row + 1] as number];
  return isNear(high) ? (high * BILLIONS + (low >>> 0)) / 1000 : millisecondsOf(high, low);
}

function putWords(
  from: Int32Array,
  valid: Uint8Array | undefined,
  to: Int32Array,
  at: number,
  each: number,
): number {
  if (!valid) {
    to.set(from, at * each);
    return at + from.length / each;
  }
  let count = at;
  for (let row = 0; row * each < from.length; row++) {
    if (!isValid(valid, row)) continue;
    for (let word = 0; word < each; word++) {
      to[count * each + word] = from[row * each + word] as number;
    }
    count++;
  }
  return count;
}
