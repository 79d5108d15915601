import type { DuckDBType } from "@duckdb/node-api";
import type { SourceColumn } from "../read/read-options.ts";
import type { Engine } from "./engine.ts";

/** The columns of what a statement gives, with their types as SQL. */
export async function describeColumns(engine: Engine, sql: string): Promise<SourceColumn[]> {
  const rows = (await engine.runAndReadAll(`describe ${sql}`)).getRowsJson();
  return rows.map(([name, type]) => ({ name: String(name), type: String(type) }));
}

/** The same with the engine's own types, which tell what they are made of. */
export async function prepareColumns(
  engine: Engine,
  sql: string,
): Promise<{ readonly name: string; readonly type: DuckDBType }[]> {
  const prepared = await engine.prepare(sql);
  const columns = Array.from({ length: prepared.columnCount }, (_, index) => ({
    name: prepared.columnName(index),
    type: prepared.columnType(index),
  }));
  prepared.destroySync();
  return columns;
}
