import type { DuckDBVector } from "@duckdb/node-api";

// Texts up to this many bytes lie in the 16 bytes themselves; see string_t of DuckDB.
const INLINE = 12;
const SLOTS = 4096;

/**
 * The texts of a vector. Short ones that were met a moment ago are not made again: most columns of
 * text have few different values, and making strings is what takes the time.
 */
export function decodeTexts(
  vector: DuckDBVector,
  memory: DataView | undefined,
  valid: Uint8Array | undefined,
  rows: number,
  values: unknown[],
  at: number,
): void {
  if (!memory || memory.byteOffset % 4 !== 0) {
    for (let row = 0; row < rows; row++) values[at + row] = asText(vector.getItem(row));
    return;
  }
  const words = new Int32Array(memory.buffer, memory.byteOffset, rows * 4);
  for (let row = 0; row < rows; row++) {
    const isNull = valid !== undefined && ((valid[row >> 3] ?? 0) & (1 << (row & 7))) === 0;
    const length = words[4 * row] ?? 0;
    if (isNull) values[at + row] = null;
    else if (length > INLINE) values[at + row] = asText(vector.getItem(row));
    else values[at + row] = shortText(words, row, length, memory);
  }
}

const known: (string | undefined)[] = new Array(SLOTS);
const knownWords = new Int32Array(4 * SLOTS);

function shortText(words: Int32Array, row: number, length: number, memory: DataView): string {
  const a = words[4 * row + 1] ?? 0;
  const b = words[4 * row + 2] ?? 0;
  const c = words[4 * row + 3] ?? 0;
  const mixed = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35);
  const slot = ((mixed ^ (mixed >>> 15)) + length) & (SLOTS - 1);
  const text = known[slot];
  const place = 4 * slot;
  if (
    text !== undefined &&
    knownWords[place] === length &&
    knownWords[place + 1] === a &&
    knownWords[place + 2] === b &&
    knownWords[place + 3] === c
  ) {
    return text;
  }
  const made = Buffer.from(memory.buffer, memory.byteOffset + 16 * row + 4, length).toString();
  knownWords.set([length, a, b, c], place);
  known[slot] = made;
  return made;
}

function asText(value: unknown): string | null {
  return value === null ? null : String(value);
}
