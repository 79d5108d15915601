import type { Part } from "../../read/values/part.ts";
import type { ColumnType } from "../../sql/frame-types.ts";
import {
  type ColumnPages,
  dictionaryPages,
  packBits,
  plainPages,
} from "../../write/parquet/pages.ts";
import { type Bounds, boundsOf, boundsOfTexts, valueBytes } from "./column-bounds.ts";
import { denseValues } from "./dense-values.ts";
import { type DictionaryMemory, dictionaryOf, MOST_VALUES, textsOf } from "./dictionary.ts";

/** Different numbers of a row group up to which each is stored once. */
const MAX_NUMBERS = 2 ** 14;

/** A column of a row group, and what is known of its values. */
export interface EncodedColumn {
  readonly pages: ColumnPages;
  readonly bounds: Bounds;
}

/**
 * A column of a dataframe in Parquet's encodings: each different value once and a number of few bits
 * a row where values repeat, and the values themselves where they do not.
 *
 * @param words memory for the values, which the pages may lie in
 * @returns nothing for texts that hardly repeat
 */
export function encodeColumn(
  parts: readonly Part[],
  type: ColumnType,
  rows: number,
  words: Int32Array,
  memory: DictionaryMemory,
): EncodedColumn | undefined {
  const dense = denseValues(parts, type, rows, words);
  const nulls = rows - dense.count;
  const levels = { rows, nulls, valid: dense.valid };
  const encoded = (pages: ColumnPages, bounds: Omit<Bounds, "nulls">): EncodedColumn => {
    const [min, max] = [valueBytes(type, bounds.min), valueBytes(type, bounds.max)];
    const statistics = min && max ? { nulls, min, max } : { nulls };
    return { pages: { ...pages, statistics }, bounds: { nulls, ...bounds } };
  };
  if (type === "boolean") {
    return encoded(plainPages(levels, packBits(dense.words, 1)), { hasNaN: false });
  }
  const found = dictionaryOf(dense, type === "text" ? MOST_VALUES : MAX_NUMBERS, memory);
  if (type === "text") {
    if (!found) return undefined;
    const texts = textsOf(parts, found);
    const pages = dictionaryPages(levels, texts, found.places.length, found.ids);
    return encoded(pages, { hasNaN: false, ...boundsOfTexts(texts) });
  }
  const bounds = boundsOf(type, dense);
  if (!found || found.places.length >= dense.count / 4) {
    return encoded(plainPages(levels, bytesOf(dense.words)), bounds);
  }
  const { values, places, ids } = found;
  return encoded(dictionaryPages(levels, bytesOf(values), places.length, ids), bounds);
}

function bytesOf({ buffer, byteOffset, byteLength }: Int32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
