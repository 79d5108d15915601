import { type Engine, identifier, literal } from "../../sql/engine.ts";
import { INEXACT } from "../read-failures.ts";
import type { ReadOptions } from "../read-options.ts";
import type { CsvSigns } from "./csv-scan.ts";

/** How the engine reads a column, and converts it. */
export interface ColumnPlan {
  readonly name: string;
  /** The type in which the engine reads it. */
  readonly type: string;
  /** The column as SQL, by its name. */
  readonly sql: string;
}

/** Facts about the numbers in the files; see `signsOf`. */
export type NumberSigns = Pick<CsvSigns, "hasLongNumbers" | "hasUnderscores">;

/** A column whose type was guessed. */
export function guessedColumn(
  name: string,
  type: string,
  options: ReadOptions,
  strict: boolean,
  signs: NumberSigns,
): ColumnPlan {
  const column = identifier(name);
  if (hasFormat(type, options)) return formatted(name, type, column, strict);
  if (strict) return { name, type, sql: column };
  if (type === "BIGINT" && signs.hasUnderscores) {
    const value = `${column}::bigint`;
    const test = `${notWhole(column)} or ${value} > ${SAFE} or ${value} < -${SAFE}`;
    return { name, type: "VARCHAR", sql: unless(test, value, name) };
  }
  if (type === "DOUBLE" && (signs.hasLongNumbers || signs.hasUnderscores)) {
    const number = asNumber(column, options);
    const value = `${number}::double`;
    const test = `contains(${column}, '_') or ${rounded(number, value)} or ${inexact(value, type)}`;
    return { name, type: "VARCHAR", sql: unless(test, value, name) };
  }
  const test = inexact(column, type);
  const raw = rawType(type);
  if (!test) return { name, type: raw, sql: column };
  return { name, type: raw, sql: unless(test, raw === type ? column : `${column}::${type}`, name) };
}

/** A column of the type that `options.types` says, as `typesAsked` has it. */
export function requestedColumn(
  name: string,
  type: string,
  options: ReadOptions,
  strict: boolean,
): ColumnPlan {
  const column = identifier(name);
  const read = readAs(type, options);
  const value = read === type ? column : `${column}::${type}`;
  if (hasFormat(read, options)) return formatted(name, read, value, strict);
  return { name, type: read, sql: value === column ? column : `${value} as ${column}` };
}

/** The types that the options ask for, by the names that the engine has for them. */
export async function requestedTypes(
  engine: Engine,
  { types = {} }: ReadOptions,
): Promise<ReadonlyMap<string, string>> {
  const entries = Object.entries(types);
  if (entries.length === 0) return new Map();
  const names = entries.map(([, type]) => `typeof(null::${type})`);
  const result = (await engine.runAndReadAll(`select ${names.join(", ")}`)).getRowsJson()[0] ?? [];
  return new Map(entries.map(([name, type], index) => [name, String(result[index] ?? type)]));
}

/** SQL that is true for texts that the engine would silently misread in a requested type. */
export function misread(column: string, type: string, options: ReadOptions): string | undefined {
  const read = readAs(type, options);
  if (hasFormat(read, options)) return saysMoment(column);
  if (read === type) return undefined;
  return `${column} is not null and try_cast(${column} as ${type}) is null`;
}

/** SQL that is true for texts that are not exact in the inferred type. */
export function inexactText(
  column: string,
  type: string,
  options: ReadOptions,
): string | undefined {
  if (type === "DATE" || hasFormat(type, options)) return saysMoment(column);
  if (type === "DOUBLE") {
    const tooLarge = `isinf(try_cast(${column} as double)) and regexp_matches(${column}, '[0-9]')`;
    const number = asNumber(column, options);
    const isRounded = rounded(number, `try_cast(${number} as double)`);
    return `contains(${column}, '_') or regexp_full_match(trim(${column}), '[-+]?[0-9]{16,}') or ${tooLarge} or ${isRounded}`;
  }
  if (type === "BIGINT") return notWhole(column);
  return inexact(column, type);
}

const ZONED_TIMESTAMP = "TIMESTAMP WITH TIME ZONE";
const ZONED = new Set([ZONED_TIMESTAMP, "TIME WITH TIME ZONE"]);

/**
 * The type in which the engine reads a column of a requested type. It makes null, without an error,
 * of malformed types with a zone, and has no format for them.
 */
function readAs(type: string, options: ReadOptions): string {
  if (!ZONED.has(type)) return type;
  return type === ZONED_TIMESTAMP && options.timestampFormat ? "TIMESTAMP" : "VARCHAR";
}

function hasFormat(type: string, options: ReadOptions): boolean {
  if (type === "DATE") return options.dateFormat !== undefined;
  return type === "TIMESTAMP" && options.timestampFormat !== undefined;
}

/** With a format, the engine reads each of `MOMENTS` as the first day of 1900. */
function formatted(name: string, type: string, value: string, strict: boolean): ColumnPlan {
  const column = identifier(name);
  const sql = strict ? `${value} as ${column}` : unless(`${column} = '1900-01-01'`, value, name);
  return { name, type, sql };
}

/** The value, or an error where `test` is true. */
function unless(test: string, value: string, name: string): string {
  // A `case` is fast where all rows take the same branch, nulls included.
  return `case when ${test} then error(${literal(INEXACT)}) else ${value} end as ${identifier(name)}`;
}

/** The type that keeps a field as it is until `inexact` has tested it. */
function rawType(type: string): string {
  return type === "BIGINT" || type === "DOUBLE" ? "DOUBLE" : "VARCHAR";
}

const SAFE = "9007199254740991";

/** SQL that is true for a value that a column of `type` would not keep exactly. */
function inexact(column: string, type: string): string | undefined {
  const whole = `${column}::bigint`;
  const zone = `(ends_with(${column}, 'Z') or regexp_matches(substr(${column}, 17), '[-+]'))`;
  // A quick test: the usual form has no zone.
  const isUsual = `(${column} like '____-__-_____:__:__' and not ends_with(${column}, 'Z'))`;
  switch (type) {
    case "BIGINT":
      return `${column} <> ${whole}::double or ${whole} > ${SAFE} or ${whole} < -${SAFE}`;
    case "DOUBLE":
      // Infinity too: it may be a number that is too large.
      return `${column} not between -${SAFE}::double and ${SAFE}::double and ${column} = trunc(${column})`;
    case "BOOLEAN":
      return `lower(${column}) not in ('true', 'false')`;
    case "DATE":
      return `strlen(${column}) <> 10`;
    case "TIMESTAMP":
      return `not ${isUsual} and (strlen(${column}) > 26 or ${zone} or ${saysMoment(column)})`;
    case ZONED_TIMESTAMP:
      // The engine truncates to microseconds.
      return `strlen(${column}) > 32 or not ${zone}
        or (strlen(${column}) > 26 and regexp_matches(${column}, '[.][0-9]{7}'))`;
    default:
      return undefined;
  }
}

/** SQL that is true for 0x1F, 0b11 and 1_000, which the engine reads as integers, and for 2.5. */
function notWhole(column: string): string {
  return `regexp_matches(${column}, '[^-+0-9 \t]')`;
}

/** A number with the decimal sign of the engine. */
function asNumber(column: string, { decimal }: ReadOptions): string {
  return decimal === "," ? `replace(${column}, ',', '.')` : column;
}

/**
 * SQL that is true for the text of a number that a double does not keep: printed with as many
 * digits, it differs. A double keeps any 15 digits, and 16 or 17 that a program printed of a
 * double.
 *
 * @param value SQL for the double
 */
function rounded(text: string, value: string): string {
  const all = `ltrim(regexp_replace(regexp_replace(${text}, '[eE].*', ''), '[^0-9]', '', 'g'), '0')`;
  const written = (digits: number) => `printf('%.${digits - 1}e', ${value})`;
  const isSame = (digits: number) =>
    `(strlen(${all}) = ${digits} and starts_with(replace(ltrim(${written(digits)}, '-'), '.', ''), ${all}))`;
  return `(strlen(${text}) > 15 and ${value}::varchar <> ${text} and strlen(rtrim(${all}, '0')) > 15
    and not ${isSame(16)} and not ${isSame(17)})`;
}

const MOMENTS = "('epoch', 'infinity', '-infinity')";

/** SQL that is true for words that the engine reads as a date or time. */
function saysMoment(column: string): string {
  // A quick test: ISO 8601 dates have two hyphens, these words do not.
  return `(${column} not like '%-%-%' and lower(trim(${column}, e' \\t\\n\\v\\f\\r')) in ${MOMENTS})`;
}
