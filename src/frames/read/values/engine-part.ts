import { type DuckDBDataChunk, DuckDBTypeId } from "@duckdb/node-api";
import duckdb, { type Vector } from "@duckdb/node-bindings";
import { countNulls, type Part } from "./part.ts";

/**
 * Rows as the engine holds them. What is read of them is a copy, made at each access, and gone after
 * `release`: to leave it to the garbage collector takes longer than to read it, as that looks through
 * all of the heap whenever some copies have come together.
 */
export class EnginePart implements Part {
  readonly rows: number;
  /** Rows of all columns. */
  readonly chunk: DuckDBDataChunk;
  readonly #column: number;
  readonly #typeId: DuckDBTypeId;
  readonly #copies: ArrayBuffer[] = [];
  #isAsked = false;

  /** @param typeId type of the column in the chunk */
  constructor(chunk: DuckDBDataChunk, column: number, typeId: DuckDBTypeId) {
    this.rows = chunk.rowCount;
    this.chunk = chunk;
    this.#column = column;
    this.#typeId = typeId;
  }

  valueAt(row: number): unknown {
    this.#isAsked = true;
    return this.chunk.getColumnVector(this.#column).getItem(row);
  }

  release(): void {
    for (const copy of this.#copies) copy.transfer(0);
    this.drop();
  }

  drop(): void {
    this.#copies.length = 0;
    // What `valueAt` made of these rows, in all columns.
    if (this.#isAsked) this.chunk.rowCount = this.rows;
    this.#isAsked = false;
  }

  get items(): ArrayLike<number> {
    const Items = ITEMS.get(this.#typeId);
    if (!Items) return [];
    const { buffer, byteOffset } = this.#bytes(Items.BYTES_PER_ELEMENT);
    // Of 64 bits they are bigints.
    return new Items(buffer, byteOffset, this.rows) as ArrayLike<number>;
  }

  get halves(): Int32Array {
    const { buffer, byteOffset } = this.#bytes(8);
    return new Int32Array(buffer, byteOffset, 2 * this.rows);
  }

  get texts(): DataView | undefined {
    if (this.#typeId !== DuckDBTypeId.VARCHAR) return undefined;
    const { buffer, byteOffset, byteLength } = this.#bytes(16);
    return new DataView(buffer, byteOffset, byteLength);
  }

  get valid(): Uint8Array | undefined {
    const bytes = 8 * Math.ceil(this.rows / 64);
    // Nothing where there is a value in each row, whatever the typings say.
    const bits = duckdb.vector_get_validity(this.#vector, bytes) as Uint8Array | null;
    return bits ? this.#copied(bits) : undefined;
  }

  get nulls(): number {
    return countNulls(this.valid, this.rows);
  }

  get #vector(): Vector {
    return duckdb.data_chunk_get_vector(this.chunk.chunk, this.#column);
  }

  /** @param size bytes of a value */
  #bytes(size: number): Uint8Array<ArrayBuffer> {
    return this.#copied(duckdb.vector_get_data(this.#vector, size * this.rows));
  }

  #copied(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    const copy = bytes as Uint8Array<ArrayBuffer>;
    // Memory that has other things in it, too, is not for these rows to give away.
    if (copy.byteLength === copy.buffer.byteLength) this.#copies.push(copy.buffer);
    return copy;
  }
}

interface TypedArray {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer, start: number, length: number): ArrayLike<unknown>;
}

const ITEMS: ReadonlyMap<DuckDBTypeId, TypedArray> = new Map<DuckDBTypeId, TypedArray>([
  [DuckDBTypeId.BOOLEAN, Uint8Array],
  [DuckDBTypeId.TINYINT, Int8Array],
  [DuckDBTypeId.SMALLINT, Int16Array],
  [DuckDBTypeId.INTEGER, Int32Array],
  [DuckDBTypeId.BIGINT, BigInt64Array],
  [DuckDBTypeId.UTINYINT, Uint8Array],
  [DuckDBTypeId.USMALLINT, Uint16Array],
  [DuckDBTypeId.UINTEGER, Uint32Array],
  [DuckDBTypeId.UBIGINT, BigUint64Array],
  [DuckDBTypeId.FLOAT, Float32Array],
  [DuckDBTypeId.DOUBLE, Float64Array],
  [DuckDBTypeId.DATE, Int32Array],
  [DuckDBTypeId.TIMESTAMP, BigInt64Array],
  [DuckDBTypeId.TIMESTAMP_TZ, BigInt64Array],
  [DuckDBTypeId.TIMESTAMP_NS, BigInt64Array],
]);
