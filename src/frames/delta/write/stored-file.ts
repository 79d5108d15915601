import { closeSync, openSync, writeSync } from "node:fs";
import {
  binary,
  boolean,
  i32,
  i64,
  list,
  struct,
  type ThriftStruct,
  type ThriftValue,
  toThrift,
} from "../../read/plain-csv/thrift.ts";
import { EnginePart } from "../../read/values/engine-part.ts";
import type { ColumnType } from "../../sql/frame-types.ts";
import type { StoredTable } from "../../sql/stored-table.ts";
import { yieldRegularly } from "../../sql/yield-regularly.ts";
import { type Bounds, mergeBounds, valueBytes } from "./column-bounds.ts";
import { ColumnMemory, hasLongText } from "./parquet-column.ts";
import {
  type ColumnPages,
  MAX_TEXTS,
  PLAIN,
  pagesOf,
  RLE,
  RLE_DICTIONARY,
} from "./parquet-pages.ts";

// A dataframe that still is as the engine gave it, as a Parquet file: from the engine's memory and
// without the engine, which would take the rows in again first. The numbers are those of the format's
// `parquet.thrift`.

const MAGIC = Buffer.from("PAR1");
const OPTIONAL = 1;
const UNCOMPRESSED = 0;
const [BOOLEAN, INT32, INT64, DOUBLE, BYTE_ARRAY] = [0, 1, 2, 5, 6];

/** Physical type, converted type and logical type of a column. */
const STORED: Readonly<Record<ColumnType, readonly [type: number, ...ThriftStruct]>> = {
  text: [BYTE_ARRAY, [6, i32(0)], [10, struct([1, struct()])]],
  boolean: [BOOLEAN],
  int: [INT32],
  bigint: [INT64],
  double: [DOUBLE],
  date: [INT32, [6, i32(6)], [10, struct([6, struct()])]],
  // Microseconds in UTC.
  timestamp: [
    INT64,
    [6, i32(10)],
    [10, struct([8, struct([1, boolean(true)], [2, struct([2, struct()])])])],
  ],
};

/** Rows that a reader takes at once. */
const GROUP_ROWS = 2 ** 18;
/** A column of a file, and what is known of its values. */
interface ColumnChunk {
  readonly value: ThriftValue;
  readonly size: number;
  readonly bounds: Bounds;
}

/**
 * Writes a file that is not there yet.
 *
 * @param names of the columns in the file, in the order of the table's columns
 * @returns what is known of each column's values; nothing where texts hardly repeat, and the file is
 *   of no use: the engine compresses them
 */
export async function writeStoredFile(
  path: string,
  { types, chunks }: StoredTable,
  names: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Bounds[] | undefined> {
  if (hasLongTexts(types, chunks)) return undefined;
  const file = openSync(path, "wx", 0o600);
  const pause = yieldRegularly(signal);
  const all = inGroups(chunks);
  const memory = new ColumnMemory(Math.max(...all.map(rowsOf)));
  try {
    let at = 0;
    const write = (content: Uint8Array) => {
      for (let done = 0; done < content.length; ) done += writeSync(file, content, done);
      at += content.length;
    };
    write(MAGIC);
    const groups: ThriftValue[] = [];
    let bounds: Bounds[] = [];
    let rows = 0;
    for (const group of all) {
      const count = rowsOf(group);
      const written: ColumnChunk[] = [];
      for (const [index, name] of names.entries()) {
        await pause();
        const type = types[index] as ColumnType;
        const parts = group.map((chunk) => new EnginePart(chunk, index));
        const column = pagesOf(parts, type, count, memory);
        if (!column) return undefined;
        const start = at;
        for (const content of column.content) write(content);
        written.push(chunkOf(name, type, column, count, start, at - start));
      }
      rows += count;
      const size = written.reduce((sum, each) => sum + each.size, 0);
      const described = written.map(({ value }) => value);
      groups.push(struct([1, list(described)], [2, i64(size)], [3, i64(count)]));
      const found = written.map((column) => column.bounds);
      bounds =
        bounds.length === 0
          ? found
          : bounds.map((one, index) => mergeBounds(one, found[index] as Bounds));
    }
    const footer = toThrift(footerOf(names, types, rows, groups));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(footer.length);
    for (const each of [footer, length, MAGIC]) write(each);
    return bounds;
  } finally {
    closeSync(file);
  }
}

/** Whether there are many texts that lie in memory one by one, though they may be alike. */
function hasLongTexts(types: readonly ColumnType[], chunks: StoredTable["chunks"]): boolean {
  const [chunk] = chunks;
  if (!chunk || rowsOf(chunks) <= MAX_TEXTS) return false;
  return types.some((type, index) => {
    const part = new EnginePart(chunk, index);
    const hasLong = type === "text" && hasLongText(part);
    part.release();
    return hasLong;
  });
}

function rowsOf(chunks: StoredTable["chunks"]): number {
  return chunks.reduce((sum, { rowCount }) => sum + rowCount, 0);
}

function inGroups(chunks: StoredTable["chunks"]): StoredTable["chunks"][] {
  const groups: StoredTable["chunks"][number][][] = [];
  let rows = GROUP_ROWS;
  for (const chunk of chunks) {
    if (rows + chunk.rowCount > GROUP_ROWS) {
      groups.push([]);
      rows = 0;
    }
    groups.at(-1)?.push(chunk);
    rows += chunk.rowCount;
  }
  return groups;
}

function chunkOf(
  name: string,
  type: ColumnType,
  { dictionary, bounds }: ColumnPages,
  rows: number,
  start: number,
  size: number,
): ColumnChunk {
  const [stored] = STORED[type];
  const [min, max] = [bounds.min, bounds.max].map((value) => valueBytes(type, value));
  const encodings = dictionary > 0 ? [PLAIN, RLE, RLE_DICTIONARY] : [PLAIN, RLE];
  const described: ThriftStruct = [
    [1, i32(stored)],
    [2, list(encodings.map(i32))],
    [3, list([binary(name)])],
    [4, i32(UNCOMPRESSED)],
    [5, i64(rows)],
    [6, i64(size)],
    [7, i64(size)],
    [9, i64(start + dictionary)],
    ...(dictionary > 0 ? ([[11, i64(start)]] as const) : []),
    [
      12,
      struct(
        [3, i64(bounds.nulls)],
        ...(min && max
          ? ([
              [5, binary(max)],
              [6, binary(min)],
            ] as const)
          : []),
      ),
    ],
  ];
  const value = struct([2, i64(start)], [3, { of: "struct", value: described }]);
  return { value, size, bounds };
}

function footerOf(
  names: readonly string[],
  types: readonly ColumnType[],
  rows: number,
  groups: readonly ThriftValue[],
): ThriftStruct {
  const columns = names.map((name, index) => {
    const [type, ...more] = STORED[types[index] as ColumnType];
    return struct([1, i32(type)], [3, i32(OPTIONAL)], [4, binary(name)], ...more);
  });
  const root = struct([4, binary("schema")], [5, i32(names.length)]);
  return [
    [1, i32(1)],
    [2, list([root, ...columns])],
    [3, i64(rows)],
    [4, list(groups)],
    [6, binary("notelake")],
    // Bounds are in the order of the types.
    [7, list(names.map(() => struct([1, struct()])))],
  ];
}
