import { closeSync, openSync, writeSync } from "node:fs";
import { isValid } from "../values/engine-part.ts";
import { CellKind, type CsvPart, type PartColumn } from "./csv-part.ts";
import type { PlainResult } from "./plain-reader.ts";
import {
  addVarint,
  binary,
  boolean,
  i32,
  i64,
  list,
  struct,
  type ThriftStruct,
  type ThriftValue,
  toThrift,
} from "./thrift.ts";

// What was read of a CSV file, as a Parquet file for the engine, without compression: quicker to
// make and to read than anything else that it takes. The numbers are those of the format's
// `parquet.thrift`.

const MAGIC = Buffer.from("PAR1");
const PLAIN = 0;
const RLE = 3;
const OPTIONAL = 1;
const UNCOMPRESSED = 0;
const DATA_PAGE = 0;

const [BOOLEAN, INT32, INT64, DOUBLE, BYTE_ARRAY] = [0, 1, 2, 5, 6];
const [UTF8, DATE] = [0, 6];

/** How a column is stored: physical type, converted type, and logical type where there is a zone. */
const STORED: Partial<Record<CellKind, readonly [type: number, ...ThriftStruct]>> = {
  [CellKind.empty]: [BYTE_ARRAY, [6, i32(UTF8)]],
  [CellKind.text]: [BYTE_ARRAY, [6, i32(UTF8)]],
  [CellKind.whole]: [INT64],
  [CellKind.decimal]: [DOUBLE],
  [CellKind.boolean]: [BOOLEAN],
  [CellKind.day]: [INT32, [6, i32(DATE)]],
  [CellKind.moment]: [INT64, [10, milliseconds(false)]],
  [CellKind.instant]: [INT64, [10, milliseconds(true)]],
};

function milliseconds(isInUtc: boolean): ThriftValue {
  return struct([8, struct([1, boolean(isInUtc)], [2, struct([1, struct()])])]);
}

/**
 * Writes a file that is not there yet, one row group a part.
 *
 * @param bytes of the CSV file
 */
export function writeParquet(path: string, result: PlainResult, bytes: Uint8Array): void {
  const file = openSync(path, "wx", 0o600);
  try {
    let at = 0;
    const write = (content: Uint8Array) => {
      for (let done = 0; done < content.length; ) done += writeSync(file, content, done);
      at += content.length;
    };
    write(MAGIC);
    const groups = result.parts.map((part) => {
      const columns = part.columns.map((column, index) => {
        const kind = result.kinds[index] ?? CellKind.empty;
        const start = at;
        const page = pageOf(column, part.rows, kind, bytes);
        write(headerOf(page.length, part.rows));
        write(page);
        return chunkOf(result.names[index] ?? "", kind, part, start, at - start);
      });
      const size = columns.reduce((sum, each) => sum + each.size, 0);
      const described = columns.map(({ value }) => value);
      return struct([1, list(described)], [2, i64(size)], [3, i64(part.rows)]);
    });
    const footer = toThrift(footerOf(result, groups));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(footer.length);
    for (const each of [footer, length, MAGIC]) write(each);
  } finally {
    closeSync(file);
  }
}

function footerOf({ names, kinds, parts }: PlainResult, groups: ThriftValue[]): ThriftStruct {
  const columns = names.map((name, index) => {
    const [type, ...more] = STORED[kinds[index] ?? CellKind.empty] ?? [BYTE_ARRAY];
    return struct([1, i32(type)], [3, i32(OPTIONAL)], [4, binary(name)], ...more);
  });
  const root = struct([4, binary("schema")], [5, i32(names.length)]);
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  return [
    [1, i32(1)],
    [2, list([root, ...columns])],
    [3, i64(rows)],
    [4, list(groups)],
  ];
}

function headerOf(size: number, rows: number): Uint8Array {
  return toThrift([
    [1, i32(DATA_PAGE)],
    [2, i32(size)],
    [3, i32(size)],
    [5, struct([1, i32(rows)], [2, i32(PLAIN)], [3, i32(RLE)], [4, i32(RLE)])],
  ]);
}

function chunkOf(name: string, kind: CellKind, { rows }: CsvPart, start: number, size: number) {
  const [type] = STORED[kind] ?? [BYTE_ARRAY];
  const value = struct(
    [2, i64(start)],
    [
      3,
      struct(
        [1, i32(type)],
        [2, list([i32(PLAIN), i32(RLE)])],
        [3, list([binary(name)])],
        [4, i32(UNCOMPRESSED)],
        [5, i64(rows)],
        [6, i64(size)],
        [7, i64(size)],
        [9, i64(start)],
      ),
    ],
  );
  return { value, size };
}

/** Which rows have a value, and those values. */
function pageOf(column: PartColumn, rows: number, kind: CellKind, bytes: Uint8Array): Uint8Array {
  const levels = levelsOf(column, rows, kind);
  const room = levels.length + roomOf(column, rows, kind);
  if (scratch.length < room) scratch = new Uint8Array(room);
  scratch.set(levels);
  const size = addValues(scratch, levels.length, column, rows, kind, bytes);
  return scratch.subarray(0, size);
}

/** Memory for a page, used again for the next one. */
let scratch = new Uint8Array();

/** One bit a row, in the format's own order; or how often the same one comes. */
function levelsOf({ valid, nulls }: PartColumn, rows: number, kind: CellKind): Uint8Array {
  const run: number[] = [];
  const isSame = nulls === 0 || kind === CellKind.empty;
  const groups = Math.ceil(rows / 8);
  addVarint(isSame ? 2 * rows : 2 * groups + 1, run);
  if (isSame) run.push(nulls === 0 ? 1 : 0);
  const bits = isSame ? new Uint8Array() : (valid ?? new Uint8Array()).subarray(0, groups);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(run.length + bits.length);
  return Buffer.concat([length, Uint8Array.from(run), bits]);
}

function roomOf({ values }: PartColumn, rows: number, kind: CellKind): number {
  if (kind !== CellKind.text) return 8 * rows;
  let room = 4 * rows;
  for (let row = 0; row < rows; row++) room += values[2 * row + 1] as number;
  return room;
}

/** @returns where the values end */
function addValues(
  page: Uint8Array,
  start: number,
  { values, valid }: PartColumn,
  rows: number,
  kind: CellKind,
  bytes: Uint8Array,
): number {
  const view = new DataView(page.buffer);
  let at = start;
  switch (kind) {
    case CellKind.text:
      for (let row = 0; row < rows; row++) {
        if (!isValid(valid, row)) continue;
        const from = values[2 * row] as number;
        const length = values[2 * row + 1] as number;
        view.setUint32(at, length, true);
        at += 4;
        if (length > LONG) page.set(bytes.subarray(from, from + length), at);
        else
          for (let byte = 0; byte < length; byte++) page[at + byte] = bytes[from + byte] as number;
        at += length;
      }
      return at;
    case CellKind.decimal:
      if (!valid) {
        page.set(new Uint8Array(values.buffer, values.byteOffset, 8 * rows), at);
        return at + 8 * rows;
      }
      for (let row = 0; row < rows; row++) {
        if (!isValid(valid, row)) continue;
        view.setFloat64(at, values[row] as number, true);
        at += 8;
      }
      return at;
    case CellKind.day:
      for (let row = 0; row < rows; row++) {
        if (!isValid(valid, row)) continue;
        view.setInt32(at, values[row] as number, true);
        at += 4;
      }
      return at;
    case CellKind.boolean: {
      let count = 0;
      for (let row = 0; row < rows; row++) {
        if (!isValid(valid, row)) continue;
        const place = at + (count >> 3);
        const before = (count & 7) === 0 ? 0 : (page[place] as number);
        page[place] = before | ((values[row] as number) << (count & 7));
        count += 1;
      }
      return at + Math.ceil(count / 8);
    }
    case CellKind.whole:
    case CellKind.moment:
    case CellKind.instant:
      for (let row = 0; row < rows; row++) {
        if (!isValid(valid, row)) continue;
        const value = values[row] as number;
        view.setInt32(at, value | 0, true);
        view.setInt32(at + 4, Math.floor(value / 2 ** 32), true);
        at += 8;
      }
      return at;
    default:
      return at;
  }
}

/** Bytes from which on a copy is quicker than a loop. */
const LONG = 32;
