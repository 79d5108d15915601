import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FrameError } from "../../src/core/errors.ts";
import { decodeZ85 } from "../../src/frames/delta/deletion-vector.ts";
import { decodeRoaring } from "../../src/frames/delta/roaring.ts";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import { deltaTable, features, field, metaData } from "./delta-table.ts";

const table = deltaTable();

const DELETED = [3, 4, 7, 11, 18, 29];
const BYTES = encode(DELETED, false);
const INLINE = vector(DELETED);

/** A vector in the log itself. */
function vector(rows: readonly number[]) {
  const bytes = encode(rows, false);
  const { length } = bytes;
  return {
    storageType: "i",
    pathOrInlineDv: z85(bytes),
    sizeInBytes: length,
    cardinality: rows.length,
  };
}

// Of the UUID d2c639aa-8816-431a-aaf6-d3fe2512ff61, as the same document has it.
const NAMED = { storageType: "u", pathOrInlineDv: "ab^-aqEH.-t@S}K{vb[*k^", offset: 1 };
const NAME = "ab/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin";

function start() {
  return [features("deletionVectors"), metaData([field("id", "long")])];
}

function file(path: string, rows: number, deletionVector?: object) {
  return table.file(path, `select range as id from range(${rows})`, { deletionVector });
}

async function ids(where?: string): Promise<number[]> {
  const frame = await loadFrame(table.lake, "t", where ? { where } : {});
  return (frame.values as number[][]).flat().sort((a, b) => a - b);
}

function without(rows: number, deleted: readonly number[]): number[] {
  const all = Array.from({ length: rows }, (_, row) => row);
  return all.filter((row) => !deleted.includes(row));
}

/** A vector as a file has it: format, size, bytes, checksum. */
function stored(...vectors: Buffer[]): Buffer {
  const parts = vectors.flatMap((bytes) => {
    const [size, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
    size.writeInt32BE(bytes.length);
    checksum.writeUInt32BE(crc32(bytes));
    return [size, bytes, checksum];
  });
  return Buffer.concat([Buffer.from([1]), ...parts]);
}

describe("deletion vectors", () => {
  it("take their rows out, written in the log or in a file, alone or beside other files", async () => {
    const offset = 1 + 4 + BYTES.length + 4;
    await table.write(NAME, stored(BYTES, BYTES));
    const url = `${table.lake.url}t/${NAME}`;
    await table.commit(0, [
      ...start(),
      await file("a.parquet", 30, INLINE),
      await file("b.parquet", 30, { ...INLINE, ...NAMED, offset }),
      await file("c.parquet", 30, { ...INLINE, storageType: "p", pathOrInlineDv: url, offset: 1 }),
      await file("d.parquet", 10),
      await file("e.parquet", 30, vector([0, 1])),
    ]);
    const kept = without(30, DELETED);
    const all = [...kept, ...kept, ...kept, ...without(10, []), ...without(30, [0, 1])];
    expect(await ids()).toEqual(all.sort((a, b) => a - b));
    expect(await ids("id = 29 or id = 28")).toEqual([28, 28, 28, 28, 29]);
    const sums = await query(table.lake, "select count(*) as rows, sum(id) as total from 't'");
    expect(sums.values).toEqual([[all.length, all.reduce((sum, id) => sum + id, 0)]]);
  });

  it("replace one another in a commit, whichever of its actions comes first", async () => {
    const add = await file("a.parquet", 30);
    const marked = { add: { ...add.add, deletionVector: INLINE } };
    const remove = { remove: { path: "a.parquet" } };
    await table.commit(0, [...start(), add]);
    await table.commit(1, [marked, remove]);
    expect(await ids()).toEqual(without(30, DELETED));
    await table.commit(2, [{ remove: { path: "a.parquet", deletionVector: INLINE } }, add]);
    expect(await ids()).toEqual(without(30, []));
  });

  it.each([
    ["another number of rows", { ...INLINE, cardinality: 7 }, /deletes 6 rows, the log says 7/],
    ["text that is no Z85", { ...INLINE, pathOrInlineDv: "wi5b~" }, /its text is not Z85/],
    ["another magic number", { ...INLINE, pathOrInlineDv: "00000".repeat(20) }, /magic number/],
    ["too few bytes", { ...INLINE, sizeInBytes: 36 }, /cannot be read/],
    ["no file", { ...INLINE, ...NAMED, pathOrInlineDv: "^-aqEH.-t@S}K{vb[*k^" }, /lacks its file/],
    ["an unknown place", { ...INLINE, storageType: "x" }, /names a deletion vector wrongly/],
    ["a name that is no UUID", { ...INLINE, storageType: "u" }, /wrongly|cannot be read|lacks/],
    ["a wrong checksum", { ...INLINE, ...NAMED }, /checksum does not agree/],
    ["another size", { ...INLINE, ...NAMED, sizeInBytes: 39 }, /has \d+ bytes, the log says 39/],
    ["an offset behind the end", { ...INLINE, ...NAMED, offset: 90 }, /cannot be read/],
  ])("with %s are refused, and no row is shown", async (_, vector, message) => {
    const bytes = stored(BYTES);
    bytes.writeUInt8(bytes.readUInt8(30) ^ 1, 30);
    await table.write(NAME, bytes);
    await table.commit(0, [...start(), await file("a.parquet", 30, vector)]);
    const error = (await ids().catch((cause) => cause)) as FrameError;
    expect(error).toMatchObject({ name: "FrameError", code: "BAD_TABLE" });
    expect(error.message).toMatch(message);
  });

  it("in a file of another format are refused", async () => {
    await table.write(NAME, Buffer.from([2, 0, 0, 0, 0]));
    const vector = { ...INLINE, ...NAMED };
    await table.commit(0, [...start(), await file("a.parquet", 30, vector)]);
    await expect(ids()).rejects.toThrow(/its file is of format 2/);
  });

  it("are refused where a column hides the number of a row", async () => {
    const select = "select range as file_row_number from range(30)";
    const add = await table.file("a.parquet", select, { deletionVector: INLINE });
    const columns = metaData([field("file_row_number", "long")]);
    await table.commit(0, [features("deletionVectors"), columns, add]);
    await expect(ids()).rejects.toMatchObject({ code: "UNSUPPORTED" });
  });
});

describe("Z85", () => {
  it("is read as its specification has it, and nothing else is", () => {
    const bytes = Buffer.from("864fd26fb559f75b", "hex");
    expect(decodeZ85("HelloWorld")).toEqual(bytes);
    expect(z85(bytes)).toBe("HelloWorld");
    for (const text of ["Hello~", "Hell~", "#####", "#elloWorld", "Hello####0", "####0"]) {
      expect(decodeZ85(text)).toBeUndefined();
    }
  });

  it("may end in fewer bytes, as delta-rs has it", async () => {
    for (const length of [1, 2, 3, 5, 6, 7, 8]) {
      const bytes = Buffer.alloc(length, 0xff);
      expect(decodeZ85(padded(bytes))).toEqual(bytes);
      const absent = (4 - (length % 4)) % 4;
      if (absent === 0) continue;
      // One more than these bytes can hold.
      const over = z85(Buffer.from([...Buffer.alloc(absent - 1), 1, ...Buffer.alloc(4 - absent)]));
      const text = "#".repeat(absent) + over.slice(absent);
      expect(decodeZ85(text)).toBeUndefined();
    }
    const deleted = [3, 4, 7, 11, 18];
    const bytes = encode(deleted, false);
    expect(bytes.length % 4).not.toBe(0);
    const inline = { ...vector(deleted), pathOrInlineDv: padded(bytes) };
    await table.commit(0, [...start(), await file("a.parquet", 30, inline)]);
    expect(await ids()).toEqual(without(30, deleted));
  });
});

describe("a roaring bitmap", () => {
  // Values that fall into the same and into neighbouring blocks of 65,536, and beyond 32 bits.
  const number = fc.oneof(
    fc.integer({ min: 0, max: 300 }),
    fc.integer({ min: 65_000, max: 66_000 }),
    fc.integer({ min: 2 ** 32 - 5, max: 2 ** 32 + 5 }),
    fc.integer({ min: 0, max: 2 ** 40 }),
  );
  const numbers = fc
    .tuple(
      fc.uniqueArray(number, { maxLength: 200 }),
      fc.array(fc.tuple(number, fc.integer({ min: 1, max: 70_000 })), { maxLength: 2 }),
    )
    .map(([some, runs]) => {
      const all = new Set(some);
      for (const [first, rows] of runs) for (let at = 0; at < rows; at++) all.add(first + at);
      return [...all].sort((a, b) => a - b);
    });

  it.each([[false], [true]])("is decoded to the numbers that went in (runs: %s)", (hasRuns) => {
    fc.assert(
      fc.property(numbers, (expected) => {
        const ranges = decodeRoaring(encode(expected, hasRuns));
        const found: number[] = [];
        for (const { first, rows } of ranges) {
          for (let at = 0; at < rows; at++) found.push(first + at);
        }
        expect(found).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });

  it("with runs has offsets from its fourth container on", () => {
    for (const containers of [3, 4, 5, 9]) {
      const numbers = Array.from({ length: containers }, (_, index) => index * 65_536 + 7);
      const ranges = decodeRoaring(encode(numbers, true));
      expect(ranges).toEqual(numbers.map((first) => ({ first, rows: 1 })));
    }
  });

  it("that is cut off anywhere, or goes on, is refused", () => {
    const bytes = encode([1, 2, 3, 70_000, 2 ** 33], true);
    expect(() => decodeRoaring(Buffer.concat([bytes, Buffer.alloc(1)]))).toThrow(
      /1 bytes are left/,
    );
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeRoaring(bytes.subarray(0, length))).toThrow(RangeError);
    }
  });
});

/** Writes numbers in ascending order as the format's description has it. */
function encode(numbers: readonly number[], hasRuns: boolean): Buffer {
  const buckets = groupBy(numbers, (value) => Math.floor(value / 2 ** 32));
  const head = Buffer.alloc(12);
  head.writeUInt32LE(1681511377);
  head.writeBigUInt64LE(BigInt(buckets.size), 4);
  const parts = [...buckets].flatMap(([key, values]) => [u32(key), bitmap(values, hasRuns)]);
  return Buffer.concat([head, ...parts]);
}

function bitmap(values: readonly number[], hasRuns: boolean): Buffer {
  const low = values.map((value) => value % 2 ** 32);
  const containers = [...groupBy(low, (value) => value >>> 16)];
  const isRun = containers.map((_, index) => hasRuns && index % 2 === 0);
  const head = hasRuns
    ? [u32(12347 | ((containers.length - 1) << 16)), flags(isRun)]
    : [u32(12346), u32(containers.length)];
  const keys = containers.map(([key, list]) => Buffer.concat([u16(key), u16(list.length - 1)]));
  const bodies = containers.map(([, list], index) => {
    const bits = list.map((value) => value & 0xffff);
    if (isRun[index]) return runs(bits);
    return bits.length > 4096 ? bitset(bits) : Buffer.concat(bits.map(u16));
  });
  // Readers may skip to a container by these; ours does not look at them.
  const offsets = !hasRuns || containers.length >= 4 ? [Buffer.alloc(4 * containers.length)] : [];
  return Buffer.concat([...head, ...keys, ...offsets, ...bodies]);
}

function runs(bits: readonly number[]): Buffer {
  const found: [number, number][] = [];
  for (const bit of bits) {
    const last = found.at(-1);
    if (last && last[0] + last[1] + 1 === bit) last[1] += 1;
    else found.push([bit, 0]);
  }
  return Buffer.concat([u16(found.length), ...found.flat().map(u16)]);
}

function bitset(bits: readonly number[]): Buffer {
  const bytes = Buffer.alloc(8192);
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (1 << (bit & 7));
  return bytes;
}

/** As ZeroMQ RFC 32 has it. */
function z85(bytes: Buffer): string {
  const digits =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
  const padded = Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
  let text = "";
  for (let at = 0; at < padded.length; at += 4) {
    const value = padded.readUInt32BE(at);
    for (const power of [85 ** 4, 85 ** 3, 85 ** 2, 85, 1]) {
      text += digits[Math.floor(value / power) % 85];
    }
  }
  return text;
}

function flags(list: readonly boolean[]): Buffer {
  const bytes = Buffer.alloc((list.length + 7) >> 3);
  for (const [index, flag] of list.entries()) {
    if (flag) bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (1 << (index & 7));
  }
  return bytes;
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

function groupBy(values: readonly number[], keyOf: (value: number) => number) {
  const groups = new Map<number, number[]>();
  for (const value of values) {
    const key = keyOf(value);
    const list = groups.get(key);
    if (list) list.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}

/** The same with `#` for the bytes that the last four lack. */
function padded(bytes: Buffer): string {
  const absent = (4 - (bytes.length % 4)) % 4;
  const whole = bytes.length - (absent && 4 - absent);
  const tail = Buffer.concat([Buffer.alloc(absent), bytes.subarray(whole)]);
  const text = z85(bytes.subarray(0, whole));
  return absent === 0 ? text : text + "#".repeat(absent) + z85(tail).slice(absent);
}
