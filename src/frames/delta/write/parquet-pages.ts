import { addVarint, i32, struct, toThrift } from "../../read/plain-csv/thrift.ts";
import type { Part } from "../../read/values/engine-part.ts";
import type { ColumnType } from "../../sql/frame-types.ts";
import { type Bounds, boundsOf, boundsOfTexts } from "./column-bounds.ts";
import {
  type ColumnMemory,
  type Dictionary,
  denseValues,
  dictionaryOf,
  packBits,
  textsAt,
  valuesAt,
} from "./parquet-column.ts";

const [DATA_PAGE, DICTIONARY_PAGE] = [0, 2];
/** Encodings, by their numbers in the format. */
export const [PLAIN, RLE, RLE_DICTIONARY] = [0, 3, 8] as const;

/** Different values of a row group up to which each is stored once. */
const MAX_NUMBERS = 2 ** 14;
export const MAX_TEXTS = 2 ** 16;

/** The pages of a column. */
export interface ColumnPages {
  readonly content: readonly Uint8Array[];
  /** Bytes of the page with the different values; 0 if there is none. */
  readonly dictionary: number;
  readonly bounds: Bounds;
}

/** @returns nothing for texts that hardly repeat */
export function pagesOf(
  parts: readonly Part[],
  type: ColumnType,
  rows: number,
  memory: ColumnMemory,
): ColumnPages | undefined {
  const dense = denseValues(parts, type, rows, memory);
  const levels = levelsOf(dense.valid, rows);
  const nulls = rows - dense.count;
  if (type === "boolean") {
    return plain(levels, packBits(dense.words, 1), rows, { nulls, hasNaN: false });
  }
  const found = dictionaryOf(dense, type === "text" ? MAX_TEXTS : MAX_NUMBERS, memory);
  if (type === "text") {
    if (!found) return undefined;
    const texts = textsAt(parts, dense, found.places);
    const page = Buffer.alloc(texts.reduce((sum, text) => sum + 4 + text.length, 0));
    let at = 0;
    for (const text of texts) {
      at = page.writeUInt32LE(text.length, at);
      at += text.copy(page, at);
    }
    return coded(levels, page, found, rows, { nulls, hasNaN: false, ...boundsOfTexts(texts) });
  }
  const bounds = { nulls, ...boundsOf(type, dense) };
  if (found && found.places.length < dense.count / 4) {
    return coded(levels, bytesOf(valuesAt(dense, found.places)), found, rows, bounds);
  }
  return plain(levels, bytesOf(dense.words), rows, bounds);
}

function bytesOf({ buffer, byteOffset, byteLength }: Int32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function plain(levels: Uint8Array, values: Uint8Array, rows: number, bounds: Bounds): ColumnPages {
  const header = dataHeader(levels.length + values.length, rows, PLAIN);
  return { content: [header, levels, values], dictionary: 0, bounds };
}

function coded(
  levels: Uint8Array,
  page: Uint8Array,
  { places, ids }: Dictionary,
  rows: number,
  bounds: Bounds,
): ColumnPages {
  const size = i32(page.length);
  const dictionary = toThrift([
    [1, i32(DICTIONARY_PAGE)],
    [2, size],
    [3, size],
    [7, struct([1, i32(places.length)], [2, i32(PLAIN)])],
  ]);
  const width = Math.max(1, Math.ceil(Math.log2(places.length)));
  const run = [width];
  addVarint(2 * Math.ceil(ids.length / 8) + 1, run);
  const packed = packBits(ids, width);
  const header = dataHeader(levels.length + run.length + packed.length, rows, RLE_DICTIONARY);
  return {
    content: [dictionary, page, header, levels, Uint8Array.from(run), packed],
    dictionary: dictionary.length + page.length,
    bounds,
  };
}

function dataHeader(size: number, rows: number, encoding: number): Uint8Array {
  return toThrift([
    [1, i32(DATA_PAGE)],
    [2, i32(size)],
    [3, i32(size)],
    [5, struct([1, i32(rows)], [2, i32(encoding)], [3, i32(RLE)], [4, i32(RLE)])],
  ]);
}

/** Which rows have a value: one bit a row, or once for all of them. */
function levelsOf(valid: Uint8Array | undefined, rows: number): Uint8Array {
  const run: number[] = [];
  if (valid) addVarint(2 * valid.length + 1, run);
  else {
    addVarint(2 * rows, run);
    run.push(1);
  }
  const length = Buffer.alloc(4);
  length.writeUInt32LE(run.length + (valid?.length ?? 0));
  return Buffer.concat([length, Uint8Array.from(run), valid ?? new Uint8Array()]);
}
