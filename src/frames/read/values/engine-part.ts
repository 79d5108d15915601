import type { DuckDBDataChunk, DuckDBVector } from "@duckdb/node-api";

/** Consecutive rows of one column. */
export interface Part {
  readonly rows: number;
  /** Numbers of at most 32 bits, or floats, one a row. */
  readonly items: ArrayLike<number>;
  /** 64-bit integers as pairs of a lower and an upper half. */
  readonly halves: Int32Array;
  /** 16 bytes a text: its length, then all of it if it has at most 12 bytes. */
  readonly texts: DataView | undefined;
  /** One bit a row, set where there is a value; undefined if there is one everywhere. */
  readonly valid: Uint8Array | undefined;
  readonly nulls: number;
  /** The value of one row, or null. */
  valueAt(row: number): unknown;
  /** Lets go of copies that were made to read the rows. */
  release(): void;
}

/** Rows as the engine holds them. */
export class EnginePart implements Part {
  readonly rows: number;
  /** Rows of all columns. */
  readonly chunk: DuckDBDataChunk;
  readonly #column: number;

  constructor(chunk: DuckDBDataChunk, column: number) {
    this.rows = chunk.rowCount;
    this.chunk = chunk;
    this.#column = column;
  }

  /** A copy of the rows; the chunk keeps it until `release`. */
  get #vector(): DuckDBVector {
    return this.chunk.getColumnVector(this.#column);
  }

  valueAt(row: number): unknown {
    return this.#vector.getItem(row);
  }

  /** Lets go of the copies of these rows, in all columns. */
  release(): void {
    this.chunk.rowCount = this.rows;
  }

  get items(): ArrayLike<number> {
    return this.#memory.items ?? [];
  }

  get halves(): Int32Array {
    const { items } = this.#memory;
    return items ? new Int32Array(items.buffer, items.byteOffset, 2 * this.rows) : new Int32Array();
  }

  get texts(): DataView | undefined {
    return this.#memory.dataView;
  }

  get valid(): Uint8Array | undefined {
    const data = this.#memory.validity?.data;
    return data ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : undefined;
  }

  get nulls(): number {
    return countNulls(this.valid, this.rows);
  }

  get #memory(): Memory {
    return this.#vector as unknown as Memory;
  }
}

/** What lies behind the typings of a vector: the engine's own memory. */
interface Memory {
  readonly items?: ArrayLike<number> & ArrayBufferView;
  readonly validity?: { readonly data: BigUint64Array | null };
  readonly dataView?: DataView;
}

/** Whether a row has a value, by the bits of its part. */
export function isValid(valid: Uint8Array | undefined, row: number): boolean {
  return valid === undefined || ((valid[row >> 3] ?? 0) & (1 << (row & 7))) !== 0;
}

export function countNulls(valid: Uint8Array | undefined, rows: number): number {
  if (!valid) return 0;
  let nulls = 0;
  for (let row = 0; row < rows; row++) if (!isValid(valid, row)) nulls += 1;
  return nulls;
}
