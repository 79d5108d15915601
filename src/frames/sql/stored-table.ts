import * as duckdb from "@duckdb/node-api";
import { type DuckDBType, DuckDBTypeId } from "@duckdb/node-api";
import type { Columns } from "../read/values/fetch-columns.ts";
import { EngineColumn, type StoredColumn } from "../read/values/frame-column.ts";
import { type Engine, identifier } from "./engine.ts";
import type { ColumnType } from "./frame-types.ts";
import { yieldRegularly } from "./yield-regularly.ts";

/** A column whose values nobody has asked for yet. */
interface TypedColumn extends StoredColumn {
  readonly name: string;
  readonly type: DuckDBType;
}

/**
 * Makes a dataframe that still is as the engine gave it a table of the engine: its rows go back as
 * they came, without a value of JavaScript made of them. The types are those that `columnTypeOf`
 * would find by the values.
 *
 * @returns false where that cannot be done, and the values have to be looked at
 */
export async function makeStoredTable(
  engine: Engine,
  name: string,
  { columns }: Columns,
  signal?: AbortSignal,
): Promise<boolean> {
  const typed: TypedColumn[] = [];
  for (const column of columns) {
    const stored = column instanceof EngineColumn ? column.stored : undefined;
    const type = stored && typeOf(stored);
    if (!stored || !type) return false;
    typed.push({ ...stored, name: column.name, type });
  }
  const chunks = typed[0]?.chunks ?? [];
  // All of one result, or they are no rows of one table.
  const isWhole = typed.every((column) => column.chunks.every((chunk, at) => chunk === chunks[at]));
  if (!isWhole || chunks[0]?.columnCount !== typed.length) return false;
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
  const types = await columnTypes(engine, rows, typed);
  const selected = typed.map((column, index) => {
    const value = valueAs(types[index] ?? "text", column, `c${index}`);
    return `${value} as ${identifier(column.name)}`;
  });
  await engine.run(
    `create or replace temp view ${identifier(name)} as select ${selected.join(", ")} from temp.${identifier(rows)}`,
  );
  return true;
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

async function columnTypes(
  engine: Engine,
  rows: string,
  typed: readonly TypedColumn[],
): Promise<ColumnType[]> {
  const facts = typed.flatMap((column, index) => {
    const value = `c${index}`;
    const isNumber = column.via === "items" || column.via === "int64";
    return [
      `count(${value}) > 0`,
      ...(isNumber ? [INT, SAFE].map((limit) => areWhole(column, value, limit)) : []),
      ...(column.via === "microseconds" ? [`bool_and(epoch_us(${value}) % 86400000000 = 0)`] : []),
    ];
  });
  const result = await engine.runAndReadAll(
    `select ${facts.join(", ")} from temp.${identifier(rows)}`,
  );
  const answers = (result.getRows()[0] ?? []).values();
  const next = () => answers.next().value === true;
  return typed.map(({ typeId, via }) => {
    const hasValues = next();
    if (via === "items" || via === "int64") {
      const [int, whole] = [next(), next()];
      if (hasValues) return int ? "int" : whole ? "bigint" : "double";
    }
    if (via === "microseconds" && next()) return hasValues ? "date" : "text";
    if (!hasValues) return "text";
    if (via === "microseconds") return "timestamp";
    if (via === "days") return "date";
    return typeId === DuckDBTypeId.BOOLEAN ? "boolean" : "text";
  });
}

/** Whether a column's values are whole and within a limit, in SQL. */
function areWhole({ typeId }: TypedColumn, value: string, limit: string): string {
  const isFloat = typeId === DuckDBTypeId.FLOAT || typeId === DuckDBTypeId.DOUBLE;
  // -0 is no integer to keep, as an integer column would lose its sign.
  const isKept = isFloat
    ? ` and ${value} = trunc(${value}) and (${value} <> 0 or not signbit(${value}))`
    : "";
  return `bool_and(${value} between ${limit}${isKept})`;
}

const INT = "-2147483648 and 2147483647";
const SAFE = "-9007199254740991 and 9007199254740991";

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
