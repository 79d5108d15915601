import { INLINE } from "../../read/values/decode-texts.ts";
import { isValid, type Part } from "../../read/values/engine-part.ts";
import { BILLIONS, isNear, millisecondsOf } from "../../read/values/inspector.ts";
import type { ColumnType } from "../../sql/frame-types.ts";

// A column of a dataframe in Parquet's encodings: each different value once and a number of few bits
// a row where values repeat, and the values themselves where they do not.

/** Values of a column one behind the other, nulls left out. */
export interface DenseValues {
  readonly count: number;
  /** 32-bit words of the values in the machine's order, and how many of them a value has. */
  readonly words: Int32Array;
  readonly each: 1 | 2 | 4;
  /** Which rows have a value, one bit a row; nothing where all have. */
  readonly valid: Uint8Array | undefined;
}

/** Values that differ, by the places where each comes first, and which of them each row has. */
export interface Dictionary {
  readonly places: readonly number[];
  readonly ids: Uint16Array;
}

const TEXT_WORDS = 4;
const TABLE = 2 ** 18;

/** Memory for one column after the other: to be given new memory takes longer than to fill it. */
export class ColumnMemory {
  readonly words: Int32Array;
  readonly ids: Uint16Array;
  readonly table = new Int32Array(TABLE);

  /** @param rows the most that a column has */
  constructor(rows: number) {
    this.words = new Int32Array(rows * TEXT_WORDS);
    this.ids = new Uint16Array(rows);
  }
}

/** The values of some parts as they are stored; a text as the engine's 16 bytes. */
export function denseValues(
  parts: readonly Part[],
  type: ColumnType,
  rows: number,
  { words }: ColumnMemory,
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
    if (part.valid && !valid) valid = new Uint8Array(Math.ceil(rows / 8)).fill(255);
    if (part.valid && valid) putValid(part.valid, part.rows, valid, at);
    count = put(part, words, count);
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
  if (at % 8 === 0) {
    to.set(from.subarray(0, Math.ceil(rows / 8)), at >> 3);
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
type Put = (part: Part, words: Int32Array, at: number) => number;

const PUTS: Readonly<Record<ColumnType, Put>> = {
  text: ({ texts, valid, rows }, words, at) => {
    if (!texts) return at;
    const start = texts.byteOffset;
    const items =
      start % 4 === 0
        ? new Int32Array(texts.buffer, start, TEXT_WORDS * rows)
        : new Int32Array(texts.buffer.slice(start, start + 4 * TEXT_WORDS * rows));
    return putWords(items, valid, words, at, TEXT_WORDS);
  },
  boolean: ({ texts, valid, rows }, words, at) => {
    let count = at;
    for (let row = 0; row < rows; row++) {
      if (isValid(valid, row)) words[count++] = texts?.getUint8(row) ?? 0;
    }
    return count;
  },
  int: (part, words, at) => {
    const { items, valid, rows } = part;
    const halves = isWide(items) ? part.halves : undefined;
    let count = at;
    for (let row = 0; row < rows; row++) {
      if (!isValid(valid, row)) continue;
      words[count++] = (halves ? halves[2 * row] : items[row]) as number;
    }
    return count;
  },
  date: (part, words, at) => {
    const { items, valid, rows } = part;
    const halves = isWide(items) ? part.halves : undefined;
    let count = at;
    for (let row = 0; row < rows; row++) {
      if (!isValid(valid, row)) continue;
      words[count++] = halves ? millisecondsAt(halves, row) / 86_400_000 : (items[row] as number);
    }
    return count;
  },
  double: ({ items, valid, rows }, words, at) => {
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
  bigint: (part, words, at) => {
    const { items, valid, rows } = part;
    if (isWide(items)) return putWords(part.halves, valid, words, at, 2);
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
  timestamp: ({ halves, valid }, words, at) => putWords(halves, valid, words, at, 2),
};

const isWide = (items: unknown) =>
  items instanceof BigInt64Array || items instanceof BigUint64Array;

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

/** @returns nothing where there are more than `limit` different values, of at most 65,536 */
export function dictionaryOf(
  { count, words, each }: DenseValues,
  limit: number,
  memory: ColumnMemory,
): Dictionary | undefined {
  const ids = memory.ids.subarray(0, count);
  const table = memory.table.fill(0);
  const places: number[] = [];
  for (let row = 0; row < count; row++) {
    const at = row * each;
    let hash = Math.imul(words[at] as number, 0x9e3779b1);
    if (each > 1) hash = Math.imul(hash ^ (hash >>> 15) ^ (words[at + 1] as number), 0x85ebca6b);
    if (each > 2) {
      hash = Math.imul(hash ^ (hash >>> 15) ^ (words[at + 2] as number), 0xc2b2ae35);
      hash = Math.imul(hash ^ (hash >>> 15) ^ (words[at + 3] as number), 0x27d4eb2f);
    }
    let slot = (hash ^ (hash >>> 15)) & (TABLE - 1);
    let id = (table[slot] as number) - 1;
    while (id >= 0 && !areSame(words, (places[id] as number) * each, at, each)) {
      slot = (slot + 1) & (TABLE - 1);
      id = (table[slot] as number) - 1;
    }
    if (id < 0) {
      if (places.length === limit) return undefined;
      id = places.length;
      places.push(row);
      table[slot] = places.length;
    }
    ids[row] = id;
  }
  return { places, ids };
}

function areSame(words: Int32Array, one: number, other: number, each: number): boolean {
  if (words[one] !== words[other]) return false;
  if (each === 1) return true;
  if (words[one + 1] !== words[other + 1]) return false;
  return each === 2 || (words[one + 2] === words[other + 2] && words[one + 3] === words[other + 3]);
}

/** Numbers of so many bits one behind the other, the lowest bits first, in groups of eight. */
export function packBits(ids: ArrayLike<number>, width: number): Uint8Array {
  const packed = new Uint8Array(Math.ceil(ids.length / 8) * width);
  let at = 0;
  let bits = 0;
  let waiting = 0;
  for (let row = 0; row < ids.length; row++) {
    bits |= (ids[row] as number) << waiting;
    for (waiting += width; waiting >= 8; waiting -= 8) {
      packed[at++] = bits;
      bits >>>= 8;
    }
  }
  if (waiting > 0) packed[at] = bits;
  return packed;
}

/** The words of the values at some places. */
export function valuesAt({ words, each }: DenseValues, places: readonly number[]): Int32Array {
  const values = new Int32Array(places.length * each);
  for (const [index, place] of places.entries()) {
    for (let word = 0; word < each; word++) {
      values[index * each + word] = words[place * each + word] as number;
    }
  }
  return values;
}

/** Whether a text is not all in the engine's 16 bytes. */
export function hasLongText({ texts, valid, rows }: Part): boolean {
  for (let row = 0; row < rows; row++) {
    if (isValid(valid, row) && (texts?.getInt32(16 * row, true) ?? 0) > INLINE) return true;
  }
  return false;
}

/** The texts at some places, which grow, in UTF-8. */
export function textsAt(
  parts: readonly Part[],
  dense: DenseValues,
  places: readonly number[],
): Buffer[] {
  const words = valuesAt(dense, places);
  const bytes = Buffer.from(words.buffer);
  const lengths = places.map((_, index) => words[TEXT_WORDS * index] as number);
  const short = (index: number) =>
    bytes.subarray(16 * index + 4, 16 * index + 4 + (lengths[index] as number));
  if (lengths.every((length) => length <= INLINE)) return places.map((_, index) => short(index));
  // The others lie elsewhere, and only their parts know where.
  const texts: Buffer[] = [];
  let at = 0;
  for (const part of parts) {
    const { valid } = part;
    for (let row = 0; row < part.rows && texts.length < places.length; row++) {
      if (!isValid(valid, row) || at++ !== places[texts.length]) continue;
      const isShort = (lengths[texts.length] as number) <= INLINE;
      texts.push(isShort ? short(texts.length) : Buffer.from(String(part.valueAt(row))));
    }
    part.release();
  }
  return texts;
}
