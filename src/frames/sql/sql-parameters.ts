import { DuckDBTimestampValue, type DuckDBType, type DuckDBValue } from "@duckdb/node-api";
import { FrameError } from "../../core/errors.ts";
import type { Engine } from "./engine.ts";
import { type ListItem, type TypedValue, typedList } from "./typed-list.ts";

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
  const named = Object.entries(parameters).map(
    ([name, value]) => [name, typed(value, nameOf(name, parameters))] as const,
  );
  const values = named.map(([name, { value }]) => [name, value] as const);
  const types = named.map(([name, { type }]) => [name, type] as const);
  const create = `create or replace temp table ${RESULT} as ${sql}`;
  try {
    await (Array.isArray(parameters)
      ? engine.run(
          create,
          values.map(([, value]) => value),
          // Undefined is for the engine to find.
          types.map(([, type]) => type) as DuckDBType[],
        )
      : engine.run(create, Object.fromEntries(values), Object.fromEntries(types)));
  } catch (error) {
    const hasList = Object.values(parameters).some(Array.isArray);
    if (hasList && IN_BRACKETS.test(sql) && LIST_TYPE.test(String(error))) throw inBrackets(error);
    throw error;
  }
  return RESULT;
}

const RESULT = '"notelake result"';
const IN_BRACKETS = /\bin\s*\(\s*[?$]/i;
const LIST_TYPE = /\[\]/;

/**
 * The SQL types that parameters have, by the number of a `?` or by name: `INTEGER[]`, say. Undefined
 * for the engine's own values, whose types it knows.
 *
 * @throws FrameError `BAD_OPTIONS` for values that SQL has no like of
 */
export function parameterTypes(parameters: Parameters): Map<string, string | undefined> {
  return new Map(
    Object.entries(parameters).map(([key, value]) => {
      const name = Array.isArray(parameters) ? String(Number(key) + 1) : key;
      const { type } = typed(value, nameOf(key, parameters));
      return [name, type ? String(type).replace("SQLNULL", '"NULL"') : scalarType(value)];
    }),
  );
}

/** As the engine would have it. */
function scalarType(value: unknown): string | undefined {
  if (value instanceof Date) return "TIMESTAMP";
  switch (typeof value) {
    case "string":
      return "VARCHAR";
    case "boolean":
      return "BOOLEAN";
    case "bigint":
      return "HUGEINT";
    case "number":
      if (!Number.isInteger(value)) return "DOUBLE";
      return value >= -(2 ** 31) && value < 2 ** 31 ? "INTEGER" : "BIGINT";
    default:
      return undefined;
  }
}

function nameOf(key: string, parameters: Parameters): string {
  return Array.isArray(parameters) ? `number ${Number(key) + 1}` : key;
}

function typed(value: unknown, name: string): TypedValue {
  const item = asItem(value, name);
  if (!Array.isArray(item)) return { value: item as DuckDBValue };
  try {
    return typedList(item);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new FrameError("BAD_OPTIONS", `parameter ${name} is a list of ${error.message}`, {
      hint: "All items of a list have one type. Write them as texts, or as bigints, and cast them in the statement.",
    });
  }
}

function asItem(value: unknown, name: string): ListItem {
  if (Array.isArray(value)) return value.map((item) => asItem(item, name));
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

function inBrackets(cause: unknown): FrameError {
  return new FrameError("BAD_SQL", "in (?) compares with a list as a whole, not with its items", {
    hint: "Without brackets, `x in ?` and `x in $name`, it looks for x in the list.",
    cause,
  });
}

/** Whether an object is none of the engine's own values. */
function isPlain(value: object): boolean {
  return !/^DuckDB/.test(value.constructor?.name ?? "");
}
