import * as duckdb from "@duckdb/node-api";
import { DuckDBDataChunk, type DuckDBType, type DuckDBValue } from "@duckdb/node-api";
import { type Engine, identifier } from "./engine.ts";
import { columnTypeOf, refuseAlike } from "./frame-types.ts";
import { pauses } from "./pauses.ts";

/** What the engine reads of a dataframe; a Danfo DataFrame has it. */
export interface FrameData {
  readonly columns: string[];
  column(name: string): { readonly values: unknown };
}

interface ColumnPlan {
  readonly type: DuckDBType;
  readonly convert: (value: unknown) => DuckDBValue;
}

const ROWS_AT_ONCE = 2048;
const DAY = 86_400_000;

/**
 * Makes a dataframe a table of the engine. NaN in a column of numbers stays NaN, null is null.
 *
 * @throws FrameError `MIXED_COLUMN`, `BAD_COLUMN`
 */
export async function makeTable(
  engine: Engine,
  name: string,
  frame: FrameData,
  signal?: AbortSignal,
): Promise<void> {
  refuseAlike(frame.columns);
  const lists = frame.columns.map((column) => frame.column(column).values as readonly unknown[]);
  const plans = lists.map((values, index) => planOf(values, frame.columns[index] ?? ""));
  const columns = frame.columns.map(
    (column, index) => `${identifier(column)} ${plans[index]?.type.toString()}`,
  );
  await engine.run(`create or replace temp table ${identifier(name)} (${columns.join(", ")})`);
  const appender = await engine.createAppender(name, "main", "temp");
  const rows = lists[0]?.length ?? 0;
  const types = plans.map(({ type }) => type);
  const pause = pauses(signal);
  for (let start = 0; start < rows; start += ROWS_AT_ONCE) {
    await pause();
    const end = Math.min(rows, start + ROWS_AT_ONCE);
    const chunk = DuckDBDataChunk.create(types, end - start);
    for (const [index, { convert }] of plans.entries()) {
      const values = lists[index] ?? [];
      const vector = chunk.getColumnVector(index);
      for (let row = start; row < end; row++) {
        const value = values[row] ?? null;
        vector.setItem(row - start, value === null ? null : convert(value));
      }
      vector.flush();
    }
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

function planOf(values: readonly unknown[], name: string): ColumnPlan {
  switch (columnTypeOf(values, name)) {
    case "text":
      return { type: duckdb.VARCHAR, convert: (value) => value as string };
    case "boolean":
      return { type: duckdb.BOOLEAN, convert: (value) => value as boolean };
    case "int":
      return { type: duckdb.INTEGER, convert: (value) => value as number };
    case "bigint":
      return { type: duckdb.BIGINT, convert: (value) => BigInt(value as number | bigint) };
    case "double":
      return { type: duckdb.DOUBLE, convert: (value) => value as number };
    case "date":
      return {
        type: duckdb.DATE,
        convert: (value) => new duckdb.DuckDBDateValue((value as Date).getTime() / DAY),
      };
    case "timestamp":
      return {
        type: duckdb.TIMESTAMP,
        convert: (value) =>
          new duckdb.DuckDBTimestampValue(BigInt((value as Date).getTime()) * 1000n),
      };
  }
}
