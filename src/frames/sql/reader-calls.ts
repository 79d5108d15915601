import { FrameError } from "../../core/errors.ts";
import type { FileFormat } from "../read/file-format.ts";
import type { ReadOptions } from "../read/read-options.ts";
import type { Engine } from "./engine.ts";
import { parseTree, type SqlNode, sqlOf } from "./parse-tree.ts";

/** A function of SQL that reads files, and the format that it reads. */
export const READERS: Readonly<Record<string, FileFormat | "delta">> = {
  delta_scan: "delta",
  parquet_scan: "parquet",
  read_csv: "csv",
  read_csv_auto: "csv",
  read_json: "json",
  read_json_auto: "json",
  read_ndjson: "json",
  read_ndjson_auto: "json",
  read_parquet: "parquet",
  read_xlsx: "excel",
};

/** What an argument asks for; undefined when its value asks for what is not done here. */
type Meaning = (value: unknown) => ReadOptions | undefined;

const text =
  (make: (value: string) => ReadOptions): Meaning =>
  (value) =>
    typeof value === "string" ? make(value) : undefined;
const flag =
  (make: (value: boolean) => ReadOptions | undefined): Meaning =>
  (value) =>
    typeof value === "boolean" ? make(value) : undefined;
const whole =
  (make: (value: number) => ReadOptions): Meaning =>
  (value) =>
    Number.isSafeInteger(Number(value)) ? make(Number(value)) : undefined;
/** What is done here anyway, or makes no difference to the result. */
const anyway =
  (...values: readonly unknown[]): Meaning =>
  (value) =>
    values.length === 0 || values.includes(value) ? {} : undefined;

const delimiter = text((value) => ({ delimiter: value }));
const dateFormat = text((value) => ({ dateFormat: value }));
const timestampFormat = text((value) => ({ timestampFormat: value }));
const nulls: Meaning = (value) => {
  const list = [value].flat();
  return list.every((item) => typeof item === "string") ? { nulls: list } : undefined;
};
const types: Meaning = (value) =>
  isRecord(value) ? { types: value as Record<string, string> } : undefined;

const OF_ALL: Readonly<Record<string, Meaning>> = {
  filename: (value) =>
    typeof value === "boolean" || typeof value === "string" ? { filename: value } : undefined,
  hive_partitioning: anyway(true),
  union_by_name: flag((value) => (value ? { schemas: "union" } : {})),
};

const MEANINGS: Readonly<Record<string, Readonly<Record<string, Meaning>>>> = {
  csv: {
    ...OF_ALL,
    auto_detect: anyway(true),
    column_types: types,
    compression: anyway("auto"),
    date_format: dateFormat,
    dateformat: dateFormat,
    decimal_separator: (value) => (value === "." || value === "," ? { decimal: value } : undefined),
    delim: delimiter,
    delimiter,
    dtypes: types,
    encoding: text((encoding) => ({ encoding })),
    header: flag((header) => ({ header })),
    na_values: nulls,
    null: nulls,
    nullstr: nulls,
    parallel: anyway(),
    quote: text((quote) => ({ quote })),
    sample_size: anyway(),
    sep: delimiter,
    skip: whole((skip) => ({ skip })),
    strict_mode: anyway(true),
    timestamp_format: timestampFormat,
    timestampformat: timestampFormat,
    types,
  },
  json: {
    ...OF_ALL,
    auto_detect: anyway(true),
    compression: anyway("auto"),
    format: anyway("auto", "array", "newline_delimited", "nd"),
    ignore_errors: anyway(false),
    maximum_object_size: anyway(),
    sample_size: anyway(),
  },
  parquet: { ...OF_ALL, compression: anyway("auto"), parquet_version: anyway() },
  excel: {
    header: flag((header) => ({ header })),
    sheet: text((sheet) => ({ sheet })),
  },
  delta: {},
};

/** A call of a reader: what it reads, and how. */
export interface ReaderCall {
  readonly places: readonly string[];
  readonly options: ReadOptions;
}

/**
 * What the arguments of a reader mean here: `read_csv(['a.csv', 'b.csv'], delim = ';')`.
 *
 * @throws FrameError `BAD_SQL` naming what can be said
 */
export async function readerCall(engine: Engine, call: SqlNode, name: string): Promise<ReaderCall> {
  const [first, ...others] = (call.children ?? []) as readonly SqlNode[];
  const format = READERS[name] ?? "delta";
  const places = [first ? await constantOf(engine, first, name) : undefined].flat();
  if (places.length === 0 || !places.every((place) => typeof place === "string" && place !== "")) {
    throw bad(`${name}() takes a path or a pattern of the lake, or a list of them`, name);
  }
  let options: ReadOptions = format === "delta" ? {} : { format };
  for (const argument of others) {
    const [key, expression] = namedArgument(argument);
    if (key === undefined) {
      throw bad(`${name}() takes one path or one list, and options by name`, name);
    }
    const meanings = MEANINGS[format] ?? {};
    const meaning = Object.hasOwn(meanings, key) ? meanings[key] : undefined;
    if (!meaning) throw bad(`${name}() has no option ${key} here`, name);
    const value = await constantOf(engine, expression, name);
    const parsed = meaning(value);
    if (!parsed) throw bad(`${name}() does not take ${key} = ${JSON.stringify(value)} here`, name);
    options = { ...options, ...parsed };
  }
  return { places: places as string[], options };
}

/** `name = value`, or `name := value`. */
function namedArgument(node: SqlNode): [string | undefined, SqlNode] {
  if (typeof node.alias === "string" && node.alias) return [node.alias.toLowerCase(), node];
  const { left, right } = node as { left?: SqlNode; right?: SqlNode };
  const names = left?.column_names as readonly string[] | undefined;
  const isNamed = node.type === "COMPARE_EQUAL" && names?.length === 1 && right;
  return isNamed ? [names?.[0]?.toLowerCase(), right] : [undefined, node];
}

/** The value of an expression that needs no table. */
async function constantOf(engine: Engine, expression: SqlNode, name: string): Promise<unknown> {
  if (/"type":"(COLUMN_REF|SUBQUERY|VALUE_PARAMETER)"/.test(JSON.stringify(expression))) {
    throw bad(
      `${name}() takes texts, numbers and lists as they are, and nothing to be found out`,
      name,
    );
  }
  const shell = (await parseTree(engine, "select 1")) as unknown as {
    statements: [{ node: { select_list: unknown[] } }];
  };
  shell.statements[0].node.select_list = [{ ...expression, alias: "value" }];
  const result = await engine.runAndReadAll(await sqlOf(engine, shell));
  return result.getRowObjectsJson()[0]?.value;
}

function isRecord(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((item) => typeof item === "string");
}

function bad(message: string, name: string): FrameError {
  const known = Object.keys(MEANINGS[READERS[name] ?? ""] ?? {});
  const options = known.length > 0 ? ` Its options here: ${known.join(", ")}.` : "";
  return new FrameError("BAD_SQL", message, {
    hint: `${name}(['2025/*.csv', '2026/*.csv'], filename = true) is a call that works.${options} More is said in { read: { 'folder/*.csv': { … } } }.`,
  });
}
