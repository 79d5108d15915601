import type { Kind } from "./spark-types.ts";

/** A function call to translate. */
export interface Call {
  /** Name in lower case. */
  readonly name: string;
  /** The arguments in Spark SQL. */
  readonly args: readonly string[];
  /** The kinds of their values, as far as known. */
  readonly kinds: readonly (Kind | undefined)[];
  /** DuckDB's type of the first argument, as far as known. */
  readonly type: string | undefined;
  /** Values of the arguments that are string literals. */
  readonly texts: readonly (string | undefined)[];
}

/** Spark SQL for a call; undefined when these arguments cannot be translated. */
export type Translation = (call: Call) => string | undefined;

const call =
  (name: string): Translation =>
  ({ args }) =>
    `${name}(${args.join(", ")})`;

const same = (...names: string[]): Record<string, Translation> =>
  Object.fromEntries(names.map((name) => [name, call(name)]));

/** Aggregates, whose calls may have `distinct` and `filter` and which `group by all` leaves out. */
export const AGGREGATES: Readonly<Record<string, Translation>> = {
  ...same("count", "min", "max", "stddev", "stddev_samp", "stddev_pop", "variance", "var_samp"),
  ...same("var_pop", "corr", "covar_pop", "covar_samp", "bool_and", "bool_or", "count_if"),
  ...same("bit_and", "bit_or", "bit_xor", "mode", "max_by", "min_by", "approx_count_distinct"),
  count_star: () => "count(*)",
  countif: call("count_if"),
  sum: ({ args: [value], type, kinds: [kind] }) => {
    // DuckDB sums integers in 128 bits; an engine may silently overflow at 64.
    if (/^(U?BIGINT|U?HUGEINT|UINTEGER)$/.test(type ?? "")) {
      return `sum(cast(${value} as decimal(38,0)))`;
    }
    return kind === "boolean" ? `sum(cast(${value} as int))` : `sum(${value})`;
  },
  avg: ({ args: [value] }) => `avg(cast(${value} as double))`,
  mean: ({ args: [value] }) => `avg(cast(${value} as double))`,
  median: ({ args: [value], kinds: [kind] }) =>
    isNumber(kind) ? `percentile(${value}, 0.5)` : undefined,
  quantile_cont: ({ args: [value, share], kinds: [kind] }) =>
    isNumber(kind) ? `percentile(${value}, ${share})` : undefined,
  any_value: ({ args: [value] }) => `first(${value}, true)`,
  first: ({ args: [value] }) => `first(${value})`,
  last: ({ args: [value] }) => `last(${value})`,
  arg_max: call("max_by"),
  arg_min: call("min_by"),
  argmax: call("max_by"),
  argmin: call("min_by"),
};

/** `x in list`: DuckDB ignores nulls in the list; in Spark they make the result null. */
function member({ args: [list, item] }: Call): string {
  const none = `case when ${list} is null or ${item} is null then null else false end`;
  return `coalesce(array_contains(${list}, ${item}), ${none})`;
}

// 64 bits as in DuckDB, so that computations overflow no sooner.
const long = (sql: string) => `cast(${sql} as bigint)`;

const part =
  (name: string): Translation =>
  ({ args: [value] }) =>
    long(`${name}(${value})`);

/** Parts for `date_part` and `extract`, and the functions of the same names. */
const PARTS: Readonly<Record<string, Translation>> = {
  year: part("year"),
  quarter: part("quarter"),
  month: part("month"),
  week: part("weekofyear"),
  weekofyear: part("weekofyear"),
  day: part("dayofmonth"),
  dayofmonth: part("dayofmonth"),
  dayofyear: part("dayofyear"),
  doy: part("dayofyear"),
  hour: part("hour"),
  minute: part("minute"),
  second: part("second"),
  dayofweek: ({ args: [value] }) => long(`dayofweek(${value}) - 1`),
  weekday: ({ args: [value] }) => long(`dayofweek(${value}) - 1`),
  dow: ({ args: [value] }) => long(`dayofweek(${value}) - 1`),
  isodow: ({ args: [value] }) => long(`(dayofweek(${value}) + 5) % 7 + 1`),
};

const UNITS = new Set(["year", "quarter", "month", "week", "day", "hour", "minute", "second"]);

/** Spark's equivalents of DuckDB's format specifiers. */
const LETTERS: Readonly<Record<string, string>> = {
  Y: "yyyy",
  y: "yy",
  m: "MM",
  d: "dd",
  H: "HH",
  M: "mm",
  S: "ss",
  b: "MMM",
  B: "MMMM",
  a: "EEE",
  A: "EEEE",
  j: "DDD",
  "%": "%",
};

function datePattern(format: string): string | undefined {
  let isKnown = true;
  const pattern = format.replace(/%(.)|([a-zA-Z]+)/g, (_, letter, text) => {
    if (text) return `'${text}'`;
    const letterPattern = Object.hasOwn(LETTERS, letter) ? LETTERS[letter] : undefined;
    isKnown &&= letterPattern !== undefined;
    return letterPattern ?? "";
  });
  return isKnown && !format.includes("'") ? pattern : undefined;
}

const escapeRegex = (text: string) => text.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&");

/** All other functions. */
export const FUNCTIONS: Readonly<Record<string, Translation>> = {
  ...same("abs", "ceil", "ceiling", "floor", "sqrt", "exp", "ln", "log2", "log10", "power", "sin"),
  ...same("cos", "tan", "asin", "acos", "atan", "atan2", "cbrt", "degrees", "radians", "pi"),
  ...same("greatest", "least", "nullif", "ifnull", "lower", "upper", "left"),
  ...same("right", "lpad", "rpad", "repeat", "reverse", "replace", "concat_ws", "ascii", "md5"),
  ...same("translate", "instr", "make_date", "last_day", "array_contains", "sign"),
  ...same("current_date", "bit_length", "octet_length", "levenshtein"),
  ...PARTS,
  pow: call("power"),
  substr: substring,
  substring: substring,
  lcase: call("lower"),
  ucase: call("upper"),
  round: ({ args: [value, digits] }) => `round(${value}${digits ? `, ${digits}` : ""})`,
  trunc: ({ args: [value, ...more], kinds: [kind] }) =>
    more.length === 0 && kind !== "date" && kind !== "time"
      ? `(case when ${value} < 0 then ceil(${value}) else floor(${value}) end)`
      : undefined,
  log: ({ args }) => (args.length === 1 ? `log10(${args[0]})` : `log(${args.join(", ")})`),
  trim: ({ args }) => (args.length === 1 ? `trim(${args[0]})` : undefined),
  ltrim: ({ args }) => (args.length === 1 ? `ltrim(${args[0]})` : undefined),
  rtrim: ({ args }) => (args.length === 1 ? `rtrim(${args[0]})` : undefined),
  length: ({ args: [value], kinds: [kind] }) =>
    long(kind === "list" ? `array_size(${value})` : `char_length(${value})`),
  len: ({ args: [value], kinds: [kind] }) =>
    long(kind === "list" ? `array_size(${value})` : `char_length(${value})`),
  strlen: ({ args: [value] }) => `octet_length(${value})`,
  concat: ({ args, kinds }) =>
    kinds.some(isWrittenOtherwise)
      ? undefined
      : kinds.includes("list")
        ? `concat(${args.join(", ")})`
        : `concat_ws('', ${args.join(", ")})`,
  prefix: call("startswith"),
  starts_with: call("startswith"),
  "^@": call("startswith"),
  suffix: call("endswith"),
  ends_with: call("endswith"),
  strpos: call("instr"),
  position: ({ args: [part, whole] }) => `instr(${whole}, ${part})`,
  chr: call("char"),
  split: splitAt,
  string_split: splitAt,
  str_split: splitAt,
  string_to_array: splitAt,
  split_part: ({ args }) => `split_part(${args.join(", ")})`,
  regexp_matches: ({ args: [value, pattern, ...more] }) =>
    more.length === 0 ? `(${value} rlike ${pattern})` : undefined,
  regexp_full_match: ({ args: [value], texts: [, pattern] }) =>
    pattern === undefined ? undefined : `(${value} rlike ${quoted(`^(?:${pattern})$`)})`,
  regexp_extract: ({ args: [value, pattern, group = "0", ...more] }) =>
    more.length === 0 ? `regexp_extract(${value}, ${pattern}, ${group})` : undefined,
  regexp_replace: ({ args: [value, pattern], texts: [, , by, flags] }) =>
    flags === "g" && by !== undefined
      ? `regexp_replace(${value}, ${pattern}, ${quoted(by.replace(/\\(\d)/g, "$$$1"))})`
      : undefined,
  date_part: (call) => partOf(call),
  datepart: (call) => partOf(call),
  date_trunc: ({ args: [, value], texts: [unit], kinds: [, kind] }) => {
    if (unit === undefined || !UNITS.has(unit.toLowerCase())) return undefined;
    if (kind !== "date" && kind !== "time") return undefined;
    const cut = `date_trunc('${unit.toUpperCase()}', cast(${value} as timestamp_ntz))`;
    return kind === "date" ? `cast(${cut} as date)` : `cast(${cut} as timestamp_ntz)`;
  },
  datetrunc: (call) => FUNCTIONS.date_trunc?.(call),
  date_diff: ({ args: [, from, to], texts: [unit] }) => {
    const [a, b] = [`cast(${from} as date)`, `cast(${to} as date)`];
    if (unit === "day") return `cast(datediff(${b}, ${a}) as bigint)`;
    if (unit === "year") return `cast(year(${b}) - year(${a}) as bigint)`;
    if (unit !== "month") return undefined;
    return `cast((year(${b}) - year(${a})) * 12 + month(${b}) - month(${a}) as bigint)`;
  },
  datediff: (call) => FUNCTIONS.date_diff?.(call),
  strftime: ({ args: [value], texts: [, format] }) => {
    const pattern = format === undefined ? undefined : datePattern(format);
    return pattern === undefined ? undefined : `date_format(${value}, ${quoted(pattern)})`;
  },
  monthname: ({ args: [value] }) => `date_format(${value}, 'MMMM')`,
  dayname: ({ args: [value] }) => `date_format(${value}, 'EEEE')`,
  today: () => "current_date()",
  list_value: call("array"),
  array_length: ({ args }) => (args.length === 1 ? long(`array_size(${args[0]})`) : undefined),
  contains: (call) =>
    call.kinds[0] === "list" ? member(call) : `contains(${call.args.join(", ")})`,
  list_contains: (call) => member(call),
  array_has: (call) => member(call),
  list_has: (call) => member(call),
  list_distinct: call("array_distinct"),
  list_sort: ({ args }) => (args.length === 1 ? `array_sort(${args[0]})` : undefined),
  list_max: call("array_max"),
  list_min: call("array_min"),
  list_concat: call("concat"),
  list_transform: call("transform"),
  array_transform: call("transform"),
  list_apply: call("transform"),
  list_filter: call("filter"),
  array_filter: call("filter"),
  array_to_string: ({ args }) => `array_join(${args.join(", ")})`,
  list_extract: ({ args: [list, place], kinds: [kind] }) =>
    kind === "list" ? `try_element_at(${list}, cast(${place} as int))` : undefined,
  map_keys: call("map_keys"),
  map_values: call("map_values"),
  cardinality: call("cardinality"),
  unnest: ({ args, kinds: [kind] }) =>
    kind === "struct" || args.length > 1 ? undefined : `explode(${args[0]})`,
};

function partOf(call: Call): string | undefined {
  const [unit] = call.texts;
  const translate = unit !== undefined && Object.hasOwn(PARTS, unit) ? PARTS[unit] : undefined;
  return translate?.({ ...call, args: call.args.slice(1) });
}

// Position 0 is before the first character in DuckDB, and the first character in Spark.
function substring({ args }: Call): string | undefined {
  return args[1] === "0" ? undefined : `substr(${args.join(", ")})`;
}

function splitAt({ args: [value], texts: [, sign] }: Call): string | undefined {
  return sign ? `split(${value}, ${quoted(escapeRegex(sign))})` : undefined;
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

/** Whether Spark formats values differently as text: `1.0E20` of a double, `{a, 1}` of a struct. */
export function isWrittenOtherwise(kind: Kind | undefined): boolean {
  return kind === "float" || kind === "struct" || kind === "map";
}

function isNumber(kind: Kind | undefined): boolean {
  return kind === "whole" || kind === "float";
}
