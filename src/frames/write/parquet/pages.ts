import { addVarint, i32, struct, toThrift } from "./thrift.ts";

const [DATA_PAGE, DICTIONARY_PAGE] = [0, 2];
/** Encodings, by their numbers in the format. */
const [PLAIN, RLE, RLE_DICTIONARY] = [0, 3, 8] as const;

/** A column of a row group as it is written. */
export interface ColumnPages {
  /** Bytes one behind the other. */
  readonly content: readonly Uint8Array[];
  /** Bytes of the page with the different values; 0 if there is none. */
  readonly dictionarySize: number;
  readonly encodings: readonly number[];
  /** Bounds are as values are stored. */
  readonly statistics?: { readonly nulls: number; readonly min?: Buffer; readonly max?: Buffer };
}

/** Which rows have a value: one bit a row, or once for all of them. */
export interface Levels {
  readonly rows: number;
  readonly nulls: number;
  /** Bits of rows that have a value are set; needed where some have, and some have not. */
  readonly valid?: Uint8Array | undefined;
}

/** The values themselves, nulls left out. */
export function plainPages(levels: Levels, values: Uint8Array): ColumnPages {
  const content = dataPage(levels, PLAIN, values);
  return { content, dictionarySize: 0, encodings: [PLAIN, RLE] };
}

/**
 * Each different value once, and for each row which it is.
 *
 * @param values the `count` different ones
 * @param ids 16 bits at most
 */
export function dictionaryPages(
  levels: Levels,
  values: Uint8Array,
  count: number,
  ids: Uint16Array,
): ColumnPages {
  const size = i32(values.length);
  const header = toThrift([
    [1, i32(DICTIONARY_PAGE)],
    [2, size],
    [3, size],
    [7, struct([1, i32(count)], [2, i32(PLAIN)])],
  ]);
  const width = Math.max(1, Math.ceil(Math.log2(count)));
  const run = [width];
  addVarint(2 * Math.ceil(ids.length / 8) + 1, run);
  const rows = dataPage(levels, RLE_DICTIONARY, Uint8Array.from(run), packBits(ids, width));
  return {
    content: [header, values, ...rows],
    dictionarySize: header.length + values.length,
    encodings: [PLAIN, RLE, RLE_DICTIONARY],
  };
}

function dataPage(levels: Levels, encoding: number, ...values: Uint8Array[]): Uint8Array[] {
  const content = [bytesOf(levels), ...values];
  const size = content.reduce((sum, { length }) => sum + length, 0);
  const header = toThrift([
    [1, i32(DATA_PAGE)],
    [2, i32(size)],
    [3, i32(size)],
    [5, struct([1, i32(levels.rows)], [2, i32(encoding)], [3, i32(RLE)], [4, i32(RLE)])],
  ]);
  return [header, ...content];
}

function bytesOf({ rows, nulls, valid }: Levels): Uint8Array {
  const run: number[] = [];
  const groups = Math.ceil(rows / 8);
  const isSame = nulls === 0 || nulls === rows;
  addVarint(isSame ? 2 * rows : 2 * groups + 1, run);
  if (isSame) run.push(nulls === 0 ? 1 : 0);
  const bits = isSame || !valid ? new Uint8Array() : valid.subarray(0, groups);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(run.length + bits.length);
  return Buffer.concat([length, Uint8Array.from(run), bits]);
}

/** Numbers of so many bits, 16 at most, one behind the other, the lowest bits first, in groups of eight. */
export function packBits(numbers: ArrayLike<number>, width: number): Uint8Array {
  const bytes = Math.ceil(numbers.length / 8) * width;
  const packed = new Int32Array(Math.ceil(bytes / 4));
  let at = 0;
  let bits = 0;
  let used = 0;
  for (let index = 0; index < numbers.length; index++) {
    const number = numbers[index] as number;
    bits |= number << used;
    used += width;
    if (used < 32) continue;
    packed[at++] = bits;
    used -= 32;
    bits = number >>> (width - used);
  }
  if (used > 0) packed[at] = bits;
  return new Uint8Array(packed.buffer, 0, bytes);
}
