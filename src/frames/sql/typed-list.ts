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

/** A value for the engine, and its SQL type where the engine would not find that by itself. */
export interface TypedValue {
  readonly value: DuckDBValue;
  readonly type?: DuckDBType;
}

/** Items of a list: values of the engine, and lists of them. */
export type ListItem = DuckDBValue | readonly ListItem[];

/**
 * A list whose items all have one type, which the engine would take from the first of them: whole
 * numbers are as wide as the widest, and doubles once one of them is.
 *
 * @throws TypeError for items that have no type in common, with words such as `a text and a number`
 */
export function typedList(items: readonly ListItem[]): TypedValue {
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
