import { FrameError } from "../../core/errors.ts";
import { isMissing } from "../../core/missing.ts";

/** The SQL type of a dataframe's column. */
export type ColumnType = "text" | "boolean" | "int" | "bigint" | "double" | "date" | "timestamp";

const DAY = 86_400_000;

/** Engines, and most that reads what they write, do not tell `A` from `a`. @throws FrameError `BAD_COLUMN` */
export function refuseAlike(columns: readonly string[]): void {
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

/**
 * The narrowest type that holds all values of a column.
 *
 * @param source SQL type of what it was read from, which says the type where there is no value
 * @throws FrameError `MIXED_COLUMN`
 */
export function columnTypeOf(
  values: readonly unknown[],
  name: string,
  source?: string,
): ColumnType {
  const kinds = new Set<string>();
  let latest = "";
  let isWhole = true;
  let isInt = true;
  let isMidnight = true;
  // One pass without closures: there may be millions of values.
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (value === null || value === undefined) continue;
    let kind: string = typeof value;
    if (typeof value === "number") {
      // -0 is no integer to keep, as an integer column would lose its sign.
      if (isInt && (value !== (value | 0) || Object.is(value, -0))) isInt = false;
      if (isWhole && (!Number.isSafeInteger(value) || Object.is(value, -0))) isWhole = false;
    } else if (value instanceof Date && !isMissing(value.getTime())) {
      kind = "date";
      if (isMidnight && value.getTime() % DAY !== 0) isMidnight = false;
    }
    if (kind === latest) continue;
    kinds.add(kind);
    latest = kind;
  }
  const [kind, ...others] = kinds;
  if (kind === undefined) return typeWithoutValues(source);
  const type = others.length === 0 && TYPES[kind]?.({ isWhole, isInt, isMidnight });
  if (type) return type;
  const types = [...kinds].map((each) => (each === "date" ? "object" : each));
  throw new FrameError(
    "MIXED_COLUMN",
    `column ${name} holds ${[...new Set(types)].join(" and ")} values`,
    {
      hint: "Give each column of the dataframe values of one type.",
    },
  );
}

/** The type of a column that has no value, or none but nulls. @param source SQL type, if it was read */
export function typeWithoutValues(source = ""): ColumnType {
  return SOURCE_TYPES.find(([pattern]) => pattern.test(source))?.[1] ?? "text";
}

const SOURCE_TYPES: readonly (readonly [RegExp, ColumnType])[] = [
  [/^(?:U?(?:TINY|SMALL)INT|INTEGER)$/, "int"],
  [/^(?:UINTEGER|U?BIGINT|U?HUGEINT)$/, "bigint"],
  [/^(?:FLOAT|DOUBLE|DECIMAL\b.*)$/, "double"],
  [/^DATE$/, "date"],
  [/^TIMESTAMP(?:_S|_MS|_NS| WITH TIME ZONE)?$/, "timestamp"],
  [/^BOOLEAN$/, "boolean"],
];

interface Facts {
  readonly isWhole: boolean;
  readonly isInt: boolean;
  readonly isMidnight: boolean;
}

const TYPES: Readonly<Record<string, (facts: Facts) => ColumnType>> = {
  string: () => "text",
  boolean: () => "boolean",
  bigint: () => "bigint",
  number: ({ isWhole, isInt }) => (isInt ? "int" : isWhole ? "bigint" : "double"),
  date: ({ isMidnight }) => (isMidnight ? "date" : "timestamp"),
};
