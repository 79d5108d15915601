import { isValid, type Part } from "./part.ts";

/** Texts of up to this many bytes are stored inline; see string_t of DuckDB. */
export const INLINE = 12;
const SLOTS = 2 ** 15;

/**
 * Decodes the texts of a part into `values` from `at` on. Recent short ones are reused: most
 * columns have few different texts, and creating strings is what takes time.
 */
export function decodeTexts(part: Part, values: unknown[], at: number): void {
  const { texts, valid, rows } = part;
  if (!texts || texts.byteOffset % 4 !== 0) {
    for (let row = 0; row < rows; row++) values[at + row] = asText(part.valueAt(row));
    return;
  }
  const words = new Int32Array(texts.buffer, texts.byteOffset, rows * 4);
  const bytes = Buffer.from(texts.buffer, texts.byteOffset, rows * 16);
  for (let row = 0; row < rows; row++) {
    if (!isValid(valid, row)) values[at + row] = null;
    else if ((words[4 * row] ?? 0) > INLINE) values[at + row] = asText(part.valueAt(row));
    else values[at + row] = shortText(words, 4 * row, bytes);
  }
}

const known: (string | undefined)[] = new Array(SLOTS).fill(undefined);
const knownWords = new Int32Array(4 * SLOTS);

/** @param at index of the text in `words`: its length in bytes, then three words of its bytes */
function shortText(words: Int32Array, at: number, bytes: Buffer): string {
  const length = words[at] as number;
  const a = words[at + 1] as number;
  const b = words[at + 2] as number;
  const c = words[at + 3] as number;
  const mixed = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35);
  const slot = ((mixed ^ (mixed >>> 15)) + length) & (SLOTS - 1);
  const place = 4 * slot;
  const text = known[slot];
  if (
    text !== undefined &&
    knownWords[place] === length &&
    knownWords[place + 1] === a &&
    knownWords[place + 2] === b &&
    knownWords[place + 3] === c
  ) {
    return text;
  }
  const start = 4 * at + 4;
  const made = bytes.toString("utf8", start, start + length);
  knownWords[place] = length;
  knownWords[place + 1] = a;
  knownWords[place + 2] = b;
  knownWords[place + 3] = c;
  known[slot] = made;
  return made;
}

function asText(value: unknown): string | null {
  return value === null ? null : String(value);
}
