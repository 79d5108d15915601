import type { ColumnPages } from "./pages.ts";
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
} from "./thrift.ts";

// Where the pages of a Parquet file lie, and its footer, which says so. The numbers are those of the
// format's `parquet.thrift`.

/** How a Parquet file begins and ends. */
export const MAGIC = Buffer.from("PAR1");
const OPTIONAL = 1;
const UNCOMPRESSED = 0;

/** Physical type, and where it is not all, converted and logical type. */
type StoredType = readonly [physical: number, ...ThriftStruct];

/** How values are stored. */
export const STORED = {
  boolean: [0],
  int32: [1],
  int64: [2],
  double: [5],
  text: [6, [6, i32(0)], [10, struct([1, struct()])]],
  date: [1, [6, i32(6)], [10, struct([6, struct()])]],
  localMilliseconds: [2, [10, moment(1, false)]],
  milliseconds: [2, [6, i32(9)], [10, moment(1, true)]],
  microseconds: [2, [6, i32(10)], [10, moment(2, true)]],
} as const satisfies Record<string, StoredType>;

function moment(unit: number, isInUtc: boolean): ThriftValue {
  return struct([8, struct([1, boolean(isInUtc)], [2, struct([unit, struct()])])]);
}

/** A column of a file; each may hold nulls. */
export interface ParquetColumn {
  readonly name: string;
  readonly type: keyof typeof STORED;
}

/** A file whose columns are written one after the other, row group by row group, and last its end. */
export class ParquetLayout {
  readonly #columns: readonly ParquetColumn[];
  readonly #groups: ThriftValue[] = [];
  #group: ThriftValue[] = [];
  #groupStart = MAGIC.length;
  #at = MAGIC.length;
  #rows = 0;

  constructor(columns: readonly ParquetColumn[]) {
    this.#columns = columns;
  }

  /** Counts in the next column of a row group. */
  add(pages: ColumnPages, rows: number): void {
    const column = this.#columns[this.#group.length] as ParquetColumn;
    const size = pages.content.reduce((sum, { length }) => sum + length, 0);
    this.#group.push(describeChunk(column, pages, rows, this.#at, size));
    this.#at += size;
    if (this.#group.length < this.#columns.length) return;
    const groupSize = this.#at - this.#groupStart;
    this.#groups.push(struct([1, list(this.#group)], [2, i64(groupSize)], [3, i64(rows)]));
    this.#group = [];
    this.#groupStart = this.#at;
    this.#rows += rows;
  }

  /**
   * What the file ends with.
   *
   * @param order of the row groups, where they are not written one behind the other
   */
  end(order: readonly number[] = [...this.#groups.keys()]): Uint8Array {
    const columns = this.#columns.map(({ name, type }) => {
      const [physical, ...more] = STORED[type];
      return struct([1, i32(physical)], [3, i32(OPTIONAL)], [4, binary(name)], ...more);
    });
    const root = struct([4, binary("schema")], [5, i32(columns.length)]);
    const footer = toThrift([
      [1, i32(1)],
      [2, list([root, ...columns])],
      [3, i64(this.#rows)],
      [4, list(order.map((index) => this.#groups[index] as ThriftValue))],
      [6, binary("notelake")],
      // Bounds are in the order of the types.
      [7, list(columns.map(() => struct([1, struct()])))],
    ]);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(footer.length);
    return Buffer.concat([footer, length, MAGIC]);
  }
}

function describeChunk(
  { name, type }: ParquetColumn,
  { dictionarySize, encodings, statistics }: ColumnPages,
  rows: number,
  start: number,
  size: number,
): ThriftValue {
  const described: ThriftStruct = [
    [1, i32(STORED[type][0])],
    [2, list(encodings.map(i32))],
    [3, list([binary(name)])],
    [4, i32(UNCOMPRESSED)],
    [5, i64(rows)],
    [6, i64(size)],
    [7, i64(size)],
    [9, i64(start + dictionarySize)],
    ...(dictionarySize > 0 ? ([[11, i64(start)]] as const) : []),
    ...(statistics ? ([[12, describe(statistics)]] as const) : []),
  ];
  return struct([2, i64(start)], [3, struct(...described)]);
}

function describe({ nulls, min, max }: NonNullable<ColumnPages["statistics"]>): ThriftValue {
  if (!min || !max) return struct([3, i64(nulls)]);
  return struct([3, i64(nulls)], [5, binary(max)], [6, binary(min)]);
}
