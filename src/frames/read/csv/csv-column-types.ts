import { type Engine, identifier, literal } from "../../sql/engine.ts";
import { INEXACT } from "../read-failures.ts";
import type { ReadOptions } from "../read-options.ts";
import type { CsvSigns } from "./csv-scan.ts";

/** How the engine reads a column, and what becomes of it. */
export interface ColumnPlan {
  readonly name: string;
  /** The type in which the engine reads it. */
  readonly type: string;
  /** The column as SQL, by its name. */
  readonly sql: string;
}

/** What the bytes of the files say of the numbers in them; see `signsOf`. */
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

/** True for the texts of a column that the engine would misread, without a word, in an asked type. */
export function misread(column: string, type: string, options: ReadOptions): string | undefined {
  const read = readAs(type, options);
  if (hasFormat(read, options)) return saysMoment(column);
  if (read === type) return undefined;
  return `${column} is not null and try_cast(${column} as ${type}) is null`;
}

/** True for the texts of a column that its type, settled by all rows, would not keep as they are. */
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
 * The type in which the engine reads a column that is to be of `type`. What it cannot read as one of
 * those with a zone, it makes null without a word, and it knows no format for them.
 */
function readAs(type: string, options: ReadOptions): string {
  if (!ZONED.has(type)) return type;
  return type === ZONED_TIMESTAMP && options.timestampFormat ? "TIMESTAMP" : "VARCHAR";
}

function hasFormat(type: string, options: ReadOptions): boolean {
  if (type === "DATE") return options.dateFormat !== undefined;
  return type === "TIMESTAMP" && options.timestampFormat !== undefined;
}

/** With a format, the engine takes each of `MOMENTS` for the first day of 1900. */
function formatted(name: string, type: string, value: string, strict: boolean): ColumnPlan {
  const column = identifier(name);
  const sql = strict ? `${value} as ${column}` : unless(`${column} = '1900-01-01'`, value, name);
  return { name, type, sql };
}

/** The column with this value, failing as inexact where `test` is true. */
function unless(test: string, value: string, name: string): string {
  // The engine runs through a `case` fast where all rows take the same branch, nulls included.
  return `case when ${test} then error(${literal(INEXACT)}) else ${value} end as ${identifier(name)}`;
}

/** The type in which nothing of a field is lost before `inexact` has seen it. */
function rawType(type: string): string {
  return type === "BIGINT" || type === "DOUBLE" ? "DOUBLE" : "VARCHAR";
}

const SAFE = "9007199254740991";

/** True for a value that a column of `type` would not keep as it is written. */
function inexact(column: string, type: string): string | undefined {
  const whole = `${column}::bigint`;
  const zone = `(ends_with(${column}, 'Z') or regexp_matches(substr(${column}, 17), '[-+]'))`;
  // The usual shape has no room for a zone, and is quicker to tell than that there is none.
  const isUsual = `(${column} like '____-__-_____:__:__' and not ends_with(${column}, 'Z'))`;
  switch (type) {
    case "BIGINT":
      return `${column} <> ${whole}::double or ${whole} > ${SAFE} or ${whole} < -${SAFE}`;
    case "DOUBLE":
      // Infinity too: it may be written so, or be a number that is too large.
      return `${column} not between -${SAFE}::double and ${SAFE}::double and ${column} = trunc(${column})`;
    case "BOOLEAN":
      return `lower(${column}) not in ('true', 'false')`;
    case "DATE":
      return `strlen(${column}) <> 10`;
    case "TIMESTAMP":
      return `not ${isUsual} and (strlen(${column}) > 26 or ${zone} or ${saysMoment(column)})`;
    case ZONED_TIMESTAMP:
      // The engine cuts off what is finer than a microsecond.
      return `strlen(${column}) > 32 or not ${zone}
        or (strlen(${column}) > 26 and regexp_matches(${column}, '[.][0-9]{7}'))`;
    default:
      return undefined;
  }
}

/** True for 0x1F, 0b11 and 1_000, which the engine takes for whole numbers, and for 2.5. */
function notWhole(column: string): string {
  return `regexp_matches(${column}, '[^-+0-9 \t]')`;
}

/** A text as the engine's casts know it. */
function asNumber(column: string, { decimal }: ReadOptions): string {
  return decimal === "," ? `replace(${column}, ',', '.')` : column;
}

/**
 * True for the text of a number that a double does not keep: written with as many digits, it reads
 * otherwise. Any 15 digits are kept, and what programs write of a double with 16 or 17.
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

/** True for the words that the engine takes for a date or a time. */
function saysMoment(column: string): string {
  // Two hyphens, which a date has in ISO 8601, are told much faster than that it is no such word.
  return `(${column} not like '%-%-%' and lower(trim(${column}, e' \\t\\n\\v\\f\\r')) in ${MOMENTS})`;
}
