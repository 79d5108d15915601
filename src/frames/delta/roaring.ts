/** Consecutive rows of a file: the first of them, counted from 0, and their number. */
export interface RowRange {
  readonly first: number;
  readonly rows: number;
}

const MAGIC = 1681511377;
const WITH_RUNS = 12347;
const WITHOUT_RUNS = 12346;
const BITMAP_BYTES = 8192;
const MOST_IN_ARRAY = 4096;
const SMALLEST_WITH_OFFSETS = 4;

/**
 * The numbers in a serialized `RoaringBitmapArray`, ascending: a magic number, then 32-bit Roaring
 * bitmaps, each after the upper half of its numbers (github.com/RoaringBitmap/RoaringFormatSpec,
 * "Extension for 64-bit implementations").
 *
 * @throws RangeError when the bytes are malformed
 */
export function decodeRoaring(bytes: Buffer): RowRange[] {
  const ranges: { first: number; rows: number }[] = [];
  const add = (first: number, rows: number) => {
    const last = ranges.at(-1);
    if (last && last.first + last.rows === first) last.rows += rows;
    else ranges.push({ first, rows });
  };
  if (bytes.readUInt32LE(0) !== MAGIC) throw new RangeError("the magic number is another");
  const buckets = Number(bytes.readBigUInt64LE(4));
  let at = 12;
  for (let bucket = 0; bucket < buckets; bucket++) {
    const base = bytes.readUInt32LE(at) * 2 ** 32;
    at = readBitmap(bytes, at + 4, base, add);
  }
  if (at !== bytes.length) throw new RangeError(`${bytes.length - at} bytes are left over`);
  return ranges;
}

type Add = (first: number, rows: number) => void;

/** @returns end of the bitmap */
function readBitmap(bytes: Buffer, start: number, base: number, add: Add): number {
  let at = start + 4;
  const cookie = bytes.readUInt32LE(start);
  const hasRuns = (cookie & 0xffff) === WITH_RUNS;
  if (!hasRuns && cookie !== WITHOUT_RUNS) throw new RangeError("a bitmap begins otherwise");
  const containers = hasRuns ? (cookie >>> 16) + 1 : bytes.readUInt32LE(at);
  const runFlags = at;
  at += hasRuns ? (containers + 7) >> 3 : 4;
  const keys = at;
  at += 4 * containers;
  if (!hasRuns || containers >= SMALLEST_WITH_OFFSETS) at += 4 * containers;
  for (let index = 0; index < containers; index++) {
    const from = base + bytes.readUInt16LE(keys + 4 * index) * 2 ** 16;
    const values = bytes.readUInt16LE(keys + 4 * index + 2) + 1;
    const isRun = hasRuns && (bytes.readUInt8(runFlags + (index >> 3)) & (1 << (index & 7))) !== 0;
    if (isRun) at = readRuns(bytes, at, from, add);
    else if (values > MOST_IN_ARRAY) at = readBits(bytes, at, from, add);
    else at = readArray(bytes, at, from, values, add);
  }
  return at;
}

function readRuns(bytes: Buffer, start: number, from: number, add: Add): number {
  const runs = bytes.readUInt16LE(start);
  const end = start + 2 + 4 * runs;
  for (let at = start + 2; at < end; at += 4) {
    add(from + bytes.readUInt16LE(at), bytes.readUInt16LE(at + 2) + 1);
  }
  return end;
}

function readBits(bytes: Buffer, start: number, from: number, add: Add): number {
  for (let index = 0; index < BITMAP_BYTES; index++) {
    const byte = bytes.readUInt8(start + index);
    if (byte === 0) continue;
    for (let bit = 0; bit < 8; bit++) if (byte & (1 << bit)) add(from + index * 8 + bit, 1);
  }
  return start + BITMAP_BYTES;
}

function readArray(bytes: Buffer, start: number, from: number, values: number, add: Add): number {
  const end = start + 2 * values;
  for (let at = start; at < end; at += 2) add(from + bytes.readUInt16LE(at), 1);
  return end;
}
