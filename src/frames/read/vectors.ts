import type { DuckDBDataChunk, DuckDBVector } from "@duckdb/node-api";

/** Consecutive rows of one column, as the engine holds them. */
export class Part {
  readonly rows: number;
  readonly #chunk: DuckDBDataChunk;
  readonly #column: number;

  constructor(chunk: DuckDBDataChunk, column: number) {
    this.rows = chunk.rowCount;
    this.#chunk = chunk;
    this.#column = column;
  }

  /** A copy of the rows; the chunk keeps it until `release`. */
  get vector(): DuckDBVector {
    return this.#chunk.getColumnVector(this.#column);
  }

  /** Lets go of the copies of these rows, in all columns. */
  release(): void {
    this.#chunk.rowCount = this.rows;
  }

  /** Numbers of at most 32 bits, or floats, one a row. */
  get items(): ArrayLike<number> {
    return this.#memory.items ?? [];
  }

  /** 64-bit integers as pairs of a lower and an upper half. */
  get halves(): Int32Array {
    const { items } = this.#memory;
    return items ? new Int32Array(items.buffer, items.byteOffset, 2 * this.rows) : new Int32Array();
  }

  /** 16 bytes a text: its length, then all of it if it is short. */
  get texts(): DataView | undefined {
    return this.#memory.dataView;
  }

  /** One bit a row, set where there is a value; undefined if there is one everywhere. */
  get valid(): Uint8Array | undefined {
    const data = this.#memory.validity?.data;
    return data ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : undefined;
  }

  get nulls(): number {
    const { valid, rows } = this;
    if (!valid) return 0;
    let nulls = 0;
    for (let row = 0; row < rows; row++) if (!isValid(valid, row)) nulls += 1;
    return nulls;
  }

  get #memory(): Memory {
    return this.vector as unknown as Memory;
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
