import { DuckDBTimestampValue, type DuckDBValue, listValue } from "@duckdb/node-api";
import { FrameError } from "../../core/errors.ts";
import type { Engine } from "../engine.ts";

/** A value for a place in a statement. A Date is a timestamp in UTC, and an array a list. */
export type Parameter = DuckDBValue | Date | readonly Parameter[];

/** Values for the `?` or `$name` of a statement. */
export type Parameters = readonly Parameter[] | Readonly<Record<string, Parameter>>;

/**
 * Runs a statement with parameters into a temporary table, since the types of columns made from
 * them are known only once it has run.
 *
 * @returns SQL to stand behind `from`
 * @throws FrameError `BAD_OPTIONS` for a value that SQL has no like of
 */
export async function withParameters(
  engine: Engine,
  sql: string,
  parameters: Parameters,
): Promise<string> {
  const values = Array.isArray(parameters)
    ? parameters.map((value, index) => asValue(value, `number ${index + 1}`))
    : Object.fromEntries(
        Object.entries(parameters).map(([name, value]) => [name, asValue(value, name)]),
      );
  await engine.run(`create or replace temp table ${RESULT} as ${sql}`, values);
  return RESULT;
}

const RESULT = '"notelake result"';

function asValue(value: unknown, name: string): DuckDBValue {
  if (Array.isArray(value)) return listValue(value.map((item) => asValue(item, name)));
  if (value instanceof Date && !Number.isNaN(value.getTime())) {
    return new DuckDBTimestampValue(BigInt(value.getTime()) * 1000n);
  }
  const isOther = typeof value === "object" && value !== null && isPlain(value);
  if (value !== undefined && typeof value !== "function" && typeof value !== "symbol" && !isOther) {
    return value as DuckDBValue;
  }
  const what =
    value instanceof Date ? "a Date of no time" : value === undefined ? "undefined" : "an object";
  throw new FrameError("BAD_OPTIONS", `parameter ${name} is ${what}`, {
    hint: "Numbers, texts, booleans, bigints, Dates, null and lists of them can be given.",
  });
}

/** Whether an object is none of the engine's own values. */
function isPlain(value: object): boolean {
  return !/^DuckDB/.test(value.constructor?.name ?? "");
}
