import * as duckdb from "@duckdb/node-api";
import { type DuckDBDataChunk, type DuckDBType, DuckDBTypeId } from "@duckdb/node-api";
import { EnginePart } from "../read/values/engine-part.ts";
import type { Columns } from "../read/values/fetch-columns.ts";
import { EngineColumn, type StoredColumn } from "../read/values/frame-column.ts";
import { millisecondsOf } from "../read/values/inspector.ts";
import { isValid } from "../read/values/part.ts";
import { type Engine, identifier } from "./engine.ts";
import { type ColumnType, typeWithoutValues } from "./frame-types.ts";
import { yieldRegularly } from "./yield-regularly.ts";

/** A column whose values nobody has asked for yet. */
interface TypedColumn extends StoredColumn {
  readonly name: string;
  readonly type: DuckDBType;
  /** SQL type of what it was read from. */
  readonly source: string;
}

/** A dataframe that still is as the engine gave it. */
export interface StoredTable {
  readonly columns: readonly TypedColumn[];
  /** Those that `columnTypeOf` would find by the values. */
  readonly types: readonly ColumnType[];
  /** Rows of all columns. */
  readonly chunks: readonly DuckDBDataChunk[];
}

/** @returns nothing where the values have to be looked at */
export async function storedTable(
  { columns }: Columns,
  signal?: AbortSignal,
): Promise<StoredTable | undefined> {
  const typed: TypedColumn[] = [];
  for (const column of columns) {
    const stored = column instanceof EngineColumn ? column.stored : undefined;
    const type = stored && typeOf(stored);
    if (!stored || !type) return undefined;
    typed.push({ ...stored, name: column.name, type, source: column.type });
  }
  const chunks = typed[0]?.chunks ?? [];
  // All of one result, or they are no rows of one table.
  const isWhole = typed.every((column) => column.chunks.every((chunk, at) => chunk === chunks[at]));
  if (!isWhole || chunks[0]?.columnCount !== typed.length) return undefined;
  const pause = yieldRegularly(signal);
  const types: ColumnType[] = [];
  for (const [index, column] of typed.entries()) {
    await pause();
    types.push(narrowestType(column, index));
  }
  return { columns: typed, types, chunks };
}

/**
 * Makes a dataframe that still is as the engine gave it a table of the engine: its rows go back as
 * they came, without a value of JavaScript made of them.
 */
export async function makeStoredTable(
  engine: Engine,
  name: string,
  { columns: typed, types, chunks }: StoredTable,
  signal?: AbortSignal,
): Promise<void> {
  const rows = `${name} as it was stored`;
  const places = typed.map(({ type }, index) => `c${index} ${type}`);
  await engine.run(`create or replace temp table ${identifier(rows)} (${places.join(", ")})`);
  const appender = await engine.createAppender(rows, "main", "temp");
  const pause = yieldRegularly(signal);
  for (const chunk of chunks) {
    await pause();
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
  const selected = typed.map((column, index) => {
    const value = valueAs(types[index] ?? "text", column, `c${index}`);
    return `${value} as ${identifier(column.name)}`;
  });
  await engine.run(
    `create or replace temp view ${identifier(name)} as select ${selected.join(", ")} from temp.${identifier(rows)}`,
  );
}

/** The type of the engine's own memory; undefined for what is turned into something else here. */
function typeOf({ typeId, via }: StoredColumn): DuckDBType | undefined {
  if (via === "generic") return typeId === DuckDBTypeId.BOOLEAN ? duckdb.BOOLEAN : undefined;
  return via === "number-text" ? undefined : STORED_TYPES.get(typeId);
}

const STORED_TYPES: ReadonlyMap<DuckDBTypeId, DuckDBType> = new Map<DuckDBTypeId, DuckDBType>(
  [
    duckdb.TINYINT,
    duckdb.SMALLINT,
    duckdb.INTEGER,
    duckdb.BIGINT,
    duckdb.UTINYINT,
    duckdb.USMALLINT,
    duckdb.UINTEGER,
    duckdb.UBIGINT,
    duckdb.FLOAT,
    duckdb.DOUBLE,
    duckdb.VARCHAR,
    duckdb.DATE,
    duckdb.TIMESTAMP,
    duckdb.TIMESTAMPTZ,
  ].map((type) => [type.typeId, type]),
);

/** The narrowest type that holds all values of a column. */
function narrowestType(
  { typeId, via, isInt32, chunks, source }: TypedColumn,
  column: number,
): ColumnType {
  const all = (holds: (part: EnginePart) => boolean) =>
    chunks.every((chunk) => {
      const part = new EnginePart(chunk, column, typeId);
      const isHeld = holds(part);
      part.release();
      return isHeld;
    });
  if (all((part) => part.nulls === part.rows)) return typeWithoutValues(source);
  if (isInt32) return "int";
  switch (via) {
    case "items":
      return all((part) => areNumbers(part, isInt))
        ? "int"
        : all((part) => areNumbers(part, isWhole))
          ? "bigint"
          : "double";
    case "int64":
      return "bigint";
    case "microseconds":
      return all(areMidnights) ? "date" : "timestamp";
    case "days":
      return "date";
    default:
      return typeId === DuckDBTypeId.BOOLEAN ? "boolean" : "text";
  }
}

// -0 is no integer to keep, as an integer column would lose its sign.
const isInt = (value: number) => value === (value | 0) && !Object.is(value, -0);
const isWhole = (value: number) => Number.isSafeInteger(value) && !Object.is(value, -0);

// Loops without closures over values: there may be millions of them.
function areNumbers({ items, valid, rows }: EnginePart, fits: (value: number) => boolean): boolean {
  for (let row = 0; row < rows; row++) {
    if (!fits(items[row] as number) && isValid(valid, row)) return false;
  }
  return true;
}

const DAY = 86_400_000;

function areMidnights({ halves, valid, rows }: EnginePart): boolean {
  for (let row = 0; row < rows; row++) {
    const milliseconds = millisecondsOf(halves[2 * row + 1] as number, halves[2 * row] as number);
    if (milliseconds % DAY !== 0 && isValid(valid, row)) return false;
  }
  return true;
}

function valueAs(type: ColumnType, { typeId }: TypedColumn, value: string): string {
  switch (type) {
    case "int":
      return `${value}::integer`;
    case "bigint":
      return `${value}::bigint`;
    case "double":
      return `${value}::double`;
    case "date":
    case "timestamp": {
      const local = typeId === DuckDBTypeId.TIMESTAMP_TZ ? `(${value} at time zone 'UTC')` : value;
      return `${local}::${type}`;
    }
    case "boolean":
      return value;
    default:
      return `${value}::varchar`;
  }
}
