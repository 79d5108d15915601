import * as duckdb from "@duckdb/node-api";
import { DuckDBDataChunk, type DuckDBType, type DuckDBValue } from "@duckdb/node-api";
import { FrameError } from "../core/errors.ts";
import { isKnown } from "./danfo/missing.ts";
import { type Engine, identifier } from "./engine.ts";

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
export async function makeTable(engine: Engine, name: string, frame: FrameData): Promise<void> {
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
  for (let start = 0; start < rows; start += ROWS_AT_ONCE) {
    const end = Math.min(rows, start + ROWS_AT_ONCE);
    const chunk = DuckDBDataChunk.create(types, end - start);
    for (const [index, { convert }] of plans.entries()) {
      const values = lists[index]?.slice(start, end) ?? [];
      chunk.setColumnValues(
        index,
        values.map((value) => (value === null || value === undefined ? null : convert(value))),
      );
    }
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

/** The engine, and most that reads what it writes, does not tell `A` from `a`. */
function refuseAlike(columns: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const name of columns) {
    const other = seen.get(name.toLowerCase());
    if (other !== undefined) {
      throw new FrameError("BAD_COLUMN", `columns ${other} and ${name} differ in case only`, {
        hint: `Rename one: df.rename({ ${JSON.stringify(name)}: … }, { axis: 1 }).`,
      });
    }
    seen.set(name.toLowerCase(), name);
  }
}

/** The narrowest type that holds all values of a column. */
function planOf(values: readonly unknown[], name: string): ColumnPlan {
  const known = values.filter((value) => value !== null && value !== undefined);
  const all = (test: (value: unknown) => boolean) => known.every(test);
  if (known.length === 0 || all((value) => typeof value === "string")) {
    return { type: duckdb.VARCHAR, convert: (value) => value as string };
  }
  if (all((value) => typeof value === "number")) return numberPlan(known as number[]);
  if (all((value) => typeof value === "boolean")) {
    return { type: duckdb.BOOLEAN, convert: (value) => value as boolean };
  }
  if (all((value) => typeof value === "bigint")) {
    return { type: duckdb.BIGINT, convert: (value) => value as bigint };
  }
  if (all((value) => value instanceof Date && isKnown(value.getTime()))) {
    return datePlan(known as Date[]);
  }
  const types = [...new Set(known.map((value) => typeof value))].join(" and ");
  throw new FrameError("MIXED_COLUMN", `column ${name} holds ${types} values`, {
    hint: "Give each column of the dataframe values of one type.",
  });
}

function numberPlan(values: readonly number[]): ColumnPlan {
  // -0 is no integer to keep, as an integer column would lose its sign.
  const isWhole = values.every((value) => Number.isSafeInteger(value) && !Object.is(value, -0));
  if (!isWhole) return { type: duckdb.DOUBLE, convert: (value) => value as number };
  if (values.every((value) => value === (value | 0))) {
    return { type: duckdb.INTEGER, convert: (value) => value as number };
  }
  return { type: duckdb.BIGINT, convert: (value) => BigInt(value as number) };
}

function datePlan(values: readonly Date[]): ColumnPlan {
  if (values.every((value) => value.getTime() % DAY === 0)) {
    const convert = (value: unknown) => new duckdb.DuckDBDateValue((value as Date).getTime() / DAY);
    return { type: duckdb.DATE, convert };
  }
  const convert = (value: unknown) =>
    new duckdb.DuckDBTimestampValue(BigInt((value as Date).getTime()) * 1000n);
  return { type: duckdb.TIMESTAMP, convert };
}
