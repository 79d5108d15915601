import { INLINE } from "../../read/values/decode-texts.ts";
import { isValid, type Part } from "../../read/values/part.ts";
import type { DenseValues } from "./dense-values.ts";

/** Values that differ, and which of them each row has. */
export interface Dictionary {
  readonly values: Int32Array;
  /** Where each comes first. */
  readonly places: Int32Array;
  readonly ids: Uint16Array;
}

/** Values that a dictionary has at most. */
export const MOST_VALUES = 2 ** 16;
const TEXT_WORDS = 4;

/** Memory for one dictionary after the other: to be given new memory takes longer than to fill it. */
export class DictionaryMemory {
  readonly values = new Int32Array(MOST_VALUES * TEXT_WORDS);
  readonly places = new Int32Array(MOST_VALUES);
  readonly ids: Uint16Array;
  /** Where a value is among the values, plus 1, by its hash or behind that; 0 for none. */
  readonly table = new Int32Array(2 * MOST_VALUES);

  /** @param rows the most that a column has */
  constructor(rows: number) {
    this.ids = new Uint16Array(rows);
  }
}

/** @returns nothing where there are more than `limit` different values, a power of two up to `MOST_VALUES` */
export function dictionaryOf(
  { count, words, each }: DenseValues,
  limit: number,
  memory: DictionaryMemory,
): Dictionary | undefined {
  memory.table.fill(0, 0, 2 * limit);
  const fill = each === 1 ? fillByOne : each === 2 ? fillByTwo : fillByFour;
  const found = fill(words, count, limit, memory);
  if (found === undefined) return undefined;
  return {
    values: memory.values.slice(0, found * each),
    places: memory.places.subarray(0, found),
    ids: memory.ids.subarray(0, count),
  };
}

// The same for values of one, two and four words: written out, each is three times as fast as one for
// all. They return how many values differ.

function fillByOne(
  words: Int32Array,
  count: number,
  limit: number,
  { values, places, ids, table }: DictionaryMemory,
): number | undefined {
  const mask = 2 * limit - 1;
  let found = 0;
  for (let row = 0; row < count; row++) {
    const a = words[row] as number;
    const hash = Math.imul(a, 0x9e3779b1);
    let slot = (hash ^ (hash >>> 15)) & mask;
    let id = (table[slot] as number) - 1;
    while (id >= 0 && values[id] !== a) {
      slot = (slot + 1) & mask;
      id = (table[slot] as number) - 1;
    }
    if (id < 0) {
      if (found === limit) return undefined;
      id = found++;
      values[id] = a;
      places[id] = row;
      table[slot] = found;
    }
    ids[row] = id;
  }
  return found;
}

function fillByTwo(
  words: Int32Array,
  count: number,
  limit: number,
  { values, places, ids, table }: DictionaryMemory,
): number | undefined {
  const mask = 2 * limit - 1;
  let found = 0;
  for (let row = 0; row < count; row++) {
    const a = words[2 * row] as number;
    const b = words[2 * row + 1] as number;
    const hash = Math.imul(Math.imul(a, 0x9e3779b1) ^ b, 0x85ebca6b);
    let slot = (hash ^ (hash >>> 15)) & mask;
    let id = (table[slot] as number) - 1;
    while (id >= 0 && (values[2 * id] !== a || values[2 * id + 1] !== b)) {
      slot = (slot + 1) & mask;
      id = (table[slot] as number) - 1;
    }
    if (id < 0) {
      if (found === limit) return undefined;
      id = found++;
      values[2 * id] = a;
      values[2 * id + 1] = b;
      places[id] = row;
      table[slot] = found;
    }
    ids[row] = id;
  }
  return found;
}

function fillByFour(
  words: Int32Array,
  count: number,
  limit: number,
  { values, places, ids, table }: DictionaryMemory,
): number | undefined {
  const mask = 2 * limit - 1;
  let found = 0;
  for (let row = 0; row < count; row++) {
    const at = 4 * row;
    const a = words[at] as number;
    const b = words[at + 1] as number;
    const c = words[at + 2] as number;
    const d = words[at + 3] as number;
    const high = Math.imul(Math.imul(a, 0x9e3779b1) ^ b, 0x85ebca6b);
    const low = Math.imul(Math.imul(c, 0xc2b2ae35) ^ d, 0x27d4eb2f);
    const hash = high ^ (high >>> 15) ^ low;
    let slot = (hash ^ (hash >>> 15)) & mask;
    let id = (table[slot] as number) - 1;
    while (
      id >= 0 &&
      (values[4 * id + 3] !== d ||
        values[4 * id + 2] !== c ||
        values[4 * id + 1] !== b ||
        values[4 * id] !== a)
    ) {
      slot = (slot + 1) & mask;
      id = (table[slot] as number) - 1;
    }
    if (id < 0) {
      if (found === limit) return undefined;
      id = found++;
      values[4 * id] = a;
      values[4 * id + 1] = b;
      values[4 * id + 2] = c;
      values[4 * id + 3] = d;
      places[id] = row;
      table[slot] = found;
    }
    ids[row] = id;
  }
  return found;
}

/** Whether a text is not all in the engine's 16 bytes. */
export function hasLongText({ texts, valid, rows }: Part): boolean {
  for (let row = 0; row < rows; row++) {
    if (isValid(valid, row) && (texts?.getInt32(16 * row, true) ?? 0) > INLINE) return true;
  }
  return false;
}

/** The texts of a dictionary, each as the number of its bytes and those in UTF-8. */
export function textsOf(parts: readonly Part[], { values, places }: Dictionary): Buffer {
  const bytes = Buffer.from(values.buffer);
  const lengthOf = (id: number) => values[TEXT_WORDS * id] as number;
  let size = 0;
  let longest = 0;
  for (let id = 0; id < places.length; id++) {
    size += 4 + lengthOf(id);
    longest = Math.max(longest, lengthOf(id));
  }
  const texts = Buffer.alloc(size);
  for (let id = 0, at = 0; id < places.length; id++) {
    const length = lengthOf(id);
    const start = texts.writeInt32LE(length, at);
    if (length <= INLINE) bytes.copy(texts, start, 16 * id + 4, 16 * id + 4 + length);
    at = start + length;
  }
  if (longest > INLINE) putLongTexts(parts, places, texts);
  return texts;
}

/** Puts in those that lie elsewhere: only their parts know where. */
function putLongTexts(parts: readonly Part[], places: Int32Array, texts: Buffer): void {
  let [id, at, place] = [0, 0, 0];
  for (const part of parts) {
    const { valid } = part;
    for (let row = 0; row < part.rows && id < places.length; row++) {
      if (!isValid(valid, row) || place++ !== places[id]) continue;
      const length = texts.readInt32LE(at);
      if (length > INLINE) texts.write(String(part.valueAt(row)), at + 4);
      at += 4 + length;
      id++;
    }
    part.release();
  }
}
