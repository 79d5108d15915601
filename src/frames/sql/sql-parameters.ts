import {
  BIGINT,
  BOOLEAN,
  DATE,
  DOUBLE,
  DuckDBDateValue,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  HUGEINT,
  INTEGER,
  LIST,
  listValue,
  SQLNULL,
  TIMESTAMP,
  VARCHAR,
} from "@duckdb/node-api";
import { FrameError } from "../../core/errors.ts";
import type { Engine } from "./engine.ts";

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

/** A value for the engine, and its SQL type where the engine would not find that by itself. */
interface TypedValue {
  readonly value: DuckDBValue;
  readonly type?: DuckDBType;
}

/** Items of a list: values of the engine, and lists of them. */
type ListItem = DuckDBValue | readonly ListItem[];

/**
 * A list whose items all have one type, which the engine would take from the first of them: whole
 * numbers are as wide as the widest, and doubles once one of them is.
 *
 * @throws TypeError for items that have no type in common, with words such as `a text and a number`
 */
function typedList(items: readonly ListItem[]): TypedValue {
  const type = typeOf(items);
  const value = listValue(items.map((item) => convert(item, type)));
  return type ? { value, type: LIST(type) } : { value };
}

/** The type that all items have; undefined for values of the engine's own that have no name here. */
function typeOf(items: readonly ListItem[]): DuckDBType | undefined {
  const known = items.filter((item) => item !== null);
  if (known.length === 0) return SQLNULL;
  const kinds = [...new Set(known.map(kindOf))];
  const [first = "", second] = kinds;
  if (kinds.every((kind) => NUMBERS.includes(kind))) {
    return numberType(known as (number | bigint)[]);
  }
  if (second !== undefined) throw new TypeError(`${first} and ${second}`);
  if (first === "a list") {
    const inner = typeOf((known as (readonly ListItem[])[]).flat());
    return inner && LIST(inner);
  }
  const type = TYPES[first];
  if (!type && items[0] === null) throw new TypeError(`null and then ${first}`);
  return type;
}

const NUMBERS = ["a number", "a bigint"];
const TYPES: Readonly<Record<string, DuckDBType>> = {
  "a text": VARCHAR,
  "a boolean": BOOLEAN,
  "a Date": TIMESTAMP,
  "a date": DATE,
};

function kindOf(item: ListItem): string {
  if (Array.isArray(item)) return "a list";
  if (item instanceof DuckDBTimestampValue) return "a Date";
  if (item instanceof DuckDBDateValue) return "a date";
  if (typeof item === "string") return "a text";
  return typeof item === "object" ? `a ${item?.constructor.name}` : `a ${typeof item}`;
}

const INT_MAX = 2 ** 31;

function numberType(numbers: readonly (number | bigint)[]): DuckDBType {
  const whole = numbers.every(
    (number) => typeof number === "bigint" || Number.isSafeInteger(number),
  );
  if (!whole) {
    const inexact = numbers.find(
      (number) => typeof number === "bigint" && BigInt(Number(number)) !== number,
    );
    if (inexact !== undefined) throw new TypeError(`a fraction and ${inexact}n`);
    return DOUBLE;
  }
  if (numbers.some((number) => typeof number === "bigint")) return HUGEINT;
  return numbers.every((number) => number >= -INT_MAX && number < INT_MAX) ? INTEGER : BIGINT;
}

function convert(item: ListItem, type: DuckDBType | undefined): DuckDBValue {
  if (isList(item)) {
    const inner = type && "valueType" in type ? (type.valueType as DuckDBType) : undefined;
    return listValue(item.map((one) => convert(one, inner)));
  }
  if (type === DOUBLE && item !== null) return Number(item);
  return type === HUGEINT && typeof item === "number" ? BigInt(item) : item;
}

function isList(item: ListItem): item is readonly ListItem[] {
  return Array.isArray(item);
}
