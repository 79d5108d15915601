import type { MessageInitShape } from "@bufbuild/protobuf";
import { SparkError } from "../core/errors.ts";
import type { Expression_LiteralSchema, ExpressionSchema } from "./protocol/spark-connect_pb.ts";

/**
 * A value for a place in a statement. Numbers are `int`, `bigint` or `double`, whichever holds them
 * exactly; a bigint is a `bigint` or a decimal, a Date a timestamp, an array an array.
 *
 * `{ type, value }` says which SQL type is meant: `{ type: "decimal(10,2)", value: "12.30" }`,
 * `{ type: "date", value: "2013-01-31" }`.
 */
export type SparkParameter =
  | string
  | number
  | bigint
  | boolean
  | null
  | Date
  | Uint8Array
  | TypedParameter
  | readonly SparkParameter[];

/**
 * A value of a named SQL type: `boolean`, `tinyint`, `smallint`, `int`, `bigint`, `float`, `double`,
 * `decimal(p,s)`, `string`, `date`, `timestamp` (an instant) or `timestamp_ntz` (a local time).
 */
export interface TypedParameter {
  readonly type: string;
  /** Dates as text: `2013-01-31`; timestamps: `2013-01-31T05:15:00.123456Z`. */
  readonly value: string | number | bigint | boolean | Date;
}

/** Values for the `?` (a list) or the `:name` (an object) of a statement. */
export type SparkParameters = readonly SparkParameter[] | Readonly<Record<string, SparkParameter>>;

type Literal = MessageInitShape<typeof Expression_LiteralSchema>;
type LiteralType = NonNullable<Literal["literalType"]>;
type Expression = MessageInitShape<typeof ExpressionSchema>;

export function argumentsOf(parameters: SparkParameters | undefined): {
  posArguments?: Expression[];
  namedArguments?: Record<string, Expression>;
} {
  if (parameters === undefined) return {};
  if (isList(parameters)) {
    return {
      posArguments: parameters.map((value, index) => expressionOf(value, `number ${index + 1}`)),
    };
  }
  const named = Object.entries(parameters).map(([name, value]) => [
    name,
    expressionOf(value, name),
  ]);
  return { namedArguments: Object.fromEntries(named) };
}

function isList(value: unknown): value is readonly SparkParameter[] {
  return Array.isArray(value);
}

/** @throws SparkError `BAD_OPTIONS` */
function expressionOf(value: SparkParameter, name: string): Expression {
  if (isList(value)) return arrayOf(value, itemType(leavesOf(value)), name);
  return literalOf(isTyped(value) ? typedLiteral(value) : plainLiteral(value), value, name);
}

function literalOf(
  literalType: LiteralType | undefined,
  value: SparkParameter,
  name: string,
): Expression {
  if (!literalType) throw badParameter(value, name);
  return { exprType: { case: "literal", value: { literalType } } };
}

/** All items must have one type: servers reject casts within a parameter, and Sail crashes. */
function arrayOf(
  items: readonly SparkParameter[],
  type: ItemType | undefined,
  name: string,
): Expression {
  const expressions = items.map((item) => {
    if (isList(item)) return arrayOf(item, type, name);
    if (type === undefined || isTyped(item)) return expressionOf(item, name);
    return literalOf(item === null ? nullOf(type) : itemLiteral(item, type), item, name);
  });
  return call("array", expressions);
}

type ItemType = "int" | "bigint" | "decimal(38,0)" | "double" | "string" | "boolean" | "timestamp";

function leavesOf(items: readonly unknown[]): unknown[] {
  return items.flatMap((item) => (Array.isArray(item) ? leavesOf(item) : [item]));
}

/** The type of a list's items; undefined for an empty or mixed list. */
function itemType(items: readonly unknown[]): ItemType | undefined {
  const known = items.filter((item) => item !== null);
  if (known.length === 0) return undefined;
  const numbers = known.filter((item) => typeof item === "number" || typeof item === "bigint");
  if (numbers.length === known.length) {
    if (numbers.some((item) => typeof item === "number" && !Number.isSafeInteger(item))) {
      return "double";
    }
    const most = numbers.reduce((max, item) => {
      const size = BigInt(item) < 0n ? -BigInt(item) - 1n : BigInt(item);
      return size > max ? size : max;
    }, 0n);
    if (most > BIGINT_MAX) return "decimal(38,0)";
    const hasBigint = numbers.some((item) => typeof item === "bigint");
    return hasBigint || most > INT_MAX ? "bigint" : "int";
  }
  if (known.every((item) => typeof item === "string")) return "string";
  if (known.every((item) => typeof item === "boolean")) return "boolean";
  return known.every((item) => item instanceof Date) ? "timestamp" : undefined;
}

function itemLiteral(item: SparkParameter, type: ItemType): LiteralType | undefined {
  if (typeof item === "number" || typeof item === "bigint") {
    const value = type === "double" ? Number(item) : String(item);
    return typedLiteral({ type, value });
  }
  return plainLiteral(item);
}

function nullOf(type: ItemType): LiteralType {
  if (type === "decimal(38,0)") {
    return {
      case: "null",
      value: { kind: { case: "decimal", value: { precision: 38, scale: 0 } } },
    };
  }
  return { case: "null", value: { kind: { case: NULL_TYPES[type], value: {} } } };
}

const NULL_TYPES = {
  int: "integer",
  bigint: "long",
  double: "double",
  string: "string",
  boolean: "boolean",
  timestamp: "timestamp",
} as const;

function isTyped(value: unknown): value is TypedParameter {
  return (
    typeof value === "object" &&
    value !== null &&
    "type" in value &&
    typeof value.type === "string" &&
    "value" in value
  );
}

function call(functionName: string, args: Expression[]): Expression {
  return { exprType: { case: "unresolvedFunction", value: { functionName, arguments: args } } };
}

const INT_MAX = 2n ** 31n - 1n;
const BIGINT_MAX = 2n ** 63n - 1n;
const DECIMAL_DIGITS = 38;

function plainLiteral(value: unknown): LiteralType | undefined {
  if (value === null) return { case: "null", value: { kind: { case: "null", value: {} } } };
  if (value instanceof Date) return moment("timestamp", microsecondsOfDate(value));
  if (value instanceof Uint8Array) return { case: "binary", value };
  switch (typeof value) {
    case "string":
      return { case: "string", value };
    case "boolean":
      return { case: "boolean", value };
    case "bigint":
      return integer("bigint", value, BIGINT_MAX) ?? decimal(String(value), DECIMAL_DIGITS, 0);
    case "number":
      if (!Number.isSafeInteger(value) || Object.is(value, -0)) return { case: "double", value };
      return integer("int", BigInt(value), INT_MAX) ?? integer("bigint", BigInt(value), BIGINT_MAX);
    default:
      return undefined;
  }
}

/** Undefined when the value is not of the type. */
function typedLiteral({ type, value }: TypedParameter): LiteralType | undefined {
  const name = type.trim().toLowerCase();
  const [, precision, scale = "0"] = /^(?:decimal|numeric)\((\d+)(?:, ?(\d+))?\)$/.exec(name) ?? [];
  if (precision) return decimal(String(value), Number(precision), Number(scale));
  switch (name) {
    case "boolean":
      return typeof value === "boolean" ? { case: "boolean", value } : undefined;
    case "tinyint":
      return integer(name, wholeOf(value), 127n);
    case "smallint":
      return integer(name, wholeOf(value), 32_767n);
    case "int":
    case "integer":
      return integer("int", wholeOf(value), INT_MAX);
    case "bigint":
      return integer(name, wholeOf(value), BIGINT_MAX);
    case "float":
    case "double":
      return typeof value === "number" ? { case: name, value } : undefined;
    case "string":
      return { case: "string", value: value instanceof Date ? value.toISOString() : String(value) };
    case "date":
      return day(value);
    case "timestamp":
      return moment("timestamp", microsecondsOf(value, /(Z|[+-]\d\d:\d\d)$/));
    case "timestamp_ntz":
      return moment("timestampNtz", microsecondsOf(value, /\d$/));
    default:
      return undefined;
  }
}

function wholeOf(value: TypedParameter["value"]): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  return typeof value === "string" && /^[-+]?\d+$/.test(value) ? BigInt(value) : undefined;
}

const INTEGERS = { tinyint: "byte", smallint: "short", int: "integer" } as const;

function integer(
  type: "tinyint" | "smallint" | "int" | "bigint",
  value: bigint | undefined,
  max: bigint,
): LiteralType | undefined {
  if (value === undefined || value > max || value < -max - 1n) return undefined;
  return type === "bigint"
    ? { case: "long", value }
    : { case: INTEGERS[type], value: Number(value) };
}

function decimal(value: string, precision: number, scale: number): LiteralType | undefined {
  const [, whole = "", fraction = ""] = /^[-+]?0*(\d*)(?:\.(\d+))?$/.exec(value) ?? [];
  if (whole + fraction === "" && !/^[-+]?0+$/.test(value)) return undefined;
  if (precision > DECIMAL_DIGITS || scale > precision) return undefined;
  if (whole.length > precision - scale || fraction.length > scale) return undefined;
  return { case: "decimal", value: { value, precision, scale } };
}

const DAY = 86_400_000;

function day(value: TypedParameter["value"]): LiteralType | undefined {
  const text = value instanceof Date ? value.toISOString() : String(value);
  const time = Date.parse(/^\d{4}-\d\d-\d\d(T00:00:00\.000Z)?$/.test(text) ? text : "");
  return isTime(time, text) ? { case: "date", value: time / DAY } : undefined;
}

function moment(
  type: "timestamp" | "timestampNtz",
  microseconds: bigint | undefined,
): LiteralType | undefined {
  return microseconds === undefined ? undefined : { case: type, value: microseconds };
}

function microsecondsOfDate(value: Date): bigint | undefined {
  return Number.isNaN(value.getTime()) ? undefined : BigInt(value.getTime()) * 1000n;
}

/** @param end required end of the text */
function microsecondsOf(value: TypedParameter["value"], end: RegExp): bigint | undefined {
  if (value instanceof Date) return microsecondsOfDate(value);
  const [, seconds, fraction = "", zone = "Z"] =
    /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(Z|[+-]\d\d:\d\d)?$/.exec(String(value)) ??
    [];
  const time = Date.parse(`${seconds?.replace(" ", "T")}${zone}`);
  if (!seconds || !end.test(String(value)) || !isTime(time, seconds, zone)) return undefined;
  return BigInt(time) * 1000n + BigInt(fraction.padEnd(6, "0"));
}

/** `Date.parse` turns 30 February into 2 March. */
function isTime(time: number, text: string, zone = "Z"): boolean {
  if (Number.isNaN(time)) return false;
  return zone !== "Z" || new Date(time).toISOString().startsWith(text.slice(0, 10));
}

function badParameter(value: SparkParameter, name: string): SparkError {
  const what = isTyped(value)
    ? `no ${value.type}: ${String(value.value)}`
    : value instanceof Date
      ? "a Date of no time"
      : value === undefined
        ? "undefined"
        : `of type ${typeof value}`;
  return new SparkError("BAD_OPTIONS", `parameter ${name} is ${what}`, {
    hint: 'Texts, numbers, bigints, booleans, Dates, bytes, null, lists of them, and values of a named type, such as { type: "decimal(10,2)", value: "12.30" }.',
  });
}
