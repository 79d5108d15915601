import * as duckdb from "@duckdb/node-api";
import {
  DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
  type DuckDBVector,
} from "@duckdb/node-api";
import { loadedColumns } from "../danfo/lazy-frame.ts";
import { type Engine, identifier } from "./engine.ts";
import { type ColumnType, columnTypeOf, refuseAlike } from "./frame-types.ts";
import { makeStoredTable, storedTable } from "./stored-table.ts";
import { yieldRegularly } from "./yield-regularly.ts";

/** What the engine reads of a dataframe; a Danfo DataFrame has it. */
export interface FrameData {
  /** Names of the columns, in order. */
  readonly columns: string[];
  /** One column, with a value for each row. */
  column(name: string): { readonly values: unknown };
}

const ROWS_AT_ONCE = 2048;

/**
 * Makes a dataframe a table of the engine. NaN in a column of numbers stays NaN, null is null.
 *
 * @throws FrameError `MIXED_COLUMN`, `BAD_COLUMN`
 */
export async function makeFrameTable(
  engine: Engine,
  name: string,
  frame: FrameData,
  signal?: AbortSignal,
): Promise<void> {
  refuseAlike(frame.columns);
  const loaded = loadedColumns(frame);
  const stored = loaded && (await storedTable(loaded, signal));
  if (stored) return makeStoredTable(engine, name, stored, signal);
  const lists = frame.columns.map((column) => frame.column(column).values as readonly unknown[]);
  const types = lists.map((values, index) =>
    columnTypeOf(values, frame.columns[index] ?? "", loaded?.columns[index]?.type),
  );
  const columns = frame.columns.map((column, index) => {
    const type = types[index];
    return `${identifier(column)} ${type && ENGINE_TYPES[type]}`;
  });
  await engine.run(`create or replace temp table ${identifier(name)} (${columns.join(", ")})`);
  const appender = await engine.createAppender(name, "main", "temp");
  const rows = lists[0]?.length ?? 0;
  const pause = yieldRegularly(signal);
  let chunk: FrameChunk | undefined;
  for (let start = 0; start < rows; start += ROWS_AT_ONCE) {
    await pause();
    const count = Math.min(rows - start, ROWS_AT_ONCE);
    // One chunk is filled again and again: to reach its memory takes longer than to fill it.
    if (chunk?.rows !== count) chunk = new FrameChunk(types, count);
    appender.appendDataChunk(chunk.fill(lists, start));
  }
  appender.closeSync();
}

const ENGINE_TYPES: Readonly<Record<ColumnType, DuckDBType>> = {
  text: duckdb.VARCHAR,
  boolean: duckdb.BOOLEAN,
  int: duckdb.INTEGER,
  bigint: duckdb.BIGINT,
  double: duckdb.DOUBLE,
  date: duckdb.DATE,
  timestamp: duckdb.TIMESTAMP,
};

/** Rows on their way to the engine. */
class FrameChunk {
  readonly rows: number;
  readonly #types: readonly ColumnType[];
  readonly #chunk: DuckDBDataChunk;
  readonly #vectors: readonly DuckDBVector[];

  constructor(types: readonly ColumnType[], rows: number) {
    this.rows = rows;
    this.#types = types;
    this.#chunk = DuckDBDataChunk.create(
      types.map((type) => ENGINE_TYPES[type]),
      rows,
    );
    this.#vectors = types.map((_, index) => this.#chunk.getColumnVector(index));
  }

  /** The rows from `start` on; what it held before is gone. */
  fill(lists: readonly (readonly unknown[])[], start: number): DuckDBDataChunk {
    this.#chunk.reset();
    this.#chunk.rowCount = this.rows;
    for (const [index, vector] of this.#vectors.entries()) {
      const values = lists[index] ?? [];
      putValues(this.#types[index] as ColumnType, vector, values, start, this.rows);
      putNulls(vector, values, start, this.rows);
      vector.flush();
    }
    return this.#chunk;
  }
}

/** What lies behind the typings of a vector: a copy of the engine's memory, which `flush` puts back. */
interface Memory {
  readonly items: Int32Array | Float64Array | BigInt64Array;
  readonly validity: { readonly data: BigUint64Array | null };
}

// Loops without closures, over memory of one type: there may be millions of values.
function putValues(
  type: ColumnType,
  vector: DuckDBVector,
  values: readonly unknown[],
  start: number,
  rows: number,
): void {
  const { items } = vector as unknown as Memory;
  switch (type) {
    case "int":
    case "double":
      for (let row = 0; row < rows; row++) items[row] = values[start + row] as number;
      return;
    case "bigint": {
      const wide = new WideItems(items as BigInt64Array);
      for (let row = 0; row < rows; row++) wide.put(row, values[start + row]);
      return;
    }
    case "date":
      for (let row = 0; row < rows; row++) {
        items[row] = timeOf(values[start + row]) / 86_400_000;
      }
      return;
    case "timestamp": {
      const wide = new WideItems(items as BigInt64Array);
      for (let row = 0; row < rows; row++) {
        const time = timeOf(values[start + row]);
        const isNear = Math.abs(time) < Number.MAX_SAFE_INTEGER / 1000;
        wide.put(row, isNear ? time * 1000 : BigInt(time) * 1000n);
      }
      return;
    }
    default:
      for (let row = 0; row < rows; row++)
        vector.setItem(row, (values[start + row] ?? null) as DuckDBValue);
  }
}

/** Whole numbers of 64 bits; a number within 2^53 is put as two halves, without a bigint made of it. */
class WideItems {
  readonly #items: BigInt64Array;
  readonly #halves: Int32Array;

  constructor(items: BigInt64Array) {
    this.#items = items;
    this.#halves = new Int32Array(items.buffer, items.byteOffset, 2 * items.length);
  }

  put(row: number, value: unknown): void {
    if (typeof value === "number") {
      this.#halves[2 * row] = value % 2 ** 32;
      this.#halves[2 * row + 1] = Math.floor(value / 2 ** 32);
    } else if (typeof value === "bigint") this.#items[row] = value;
  }
}

function timeOf(value: unknown): number {
  return value instanceof Date ? value.getTime() : 0;
}

function putNulls(
  vector: DuckDBVector,
  values: readonly unknown[],
  start: number,
  rows: number,
): void {
  const { validity } = vector as unknown as Memory;
  validity.data?.fill(-1n);
  let bits: Uint8Array | undefined;
  for (let row = 0; row < rows; row++) {
    const value = values[start + row];
    if (value !== null && value !== undefined) continue;
    if (!bits) {
      // Makes the bits, where there was no null before.
      vector.setItem(row, null);
      const { buffer, byteOffset } = validity.data as BigUint64Array;
      bits = new Uint8Array(buffer, byteOffset);
    }
    bits[row >> 3] = (bits[row >> 3] ?? 0) & ~(1 << (row & 7));
  }
}
