import { identifier, notInSpark } from "./spark-dialect.ts";

const SCALARS: Readonly<Record<string, string>> = {
  BOOLEAN: "boolean",
  TINYINT: "tinyint",
  SMALLINT: "smallint",
  INTEGER: "int",
  BIGINT: "bigint",
  HUGEINT: "decimal(38,0)",
  UTINYINT: "smallint",
  USMALLINT: "int",
  UINTEGER: "bigint",
  UBIGINT: "decimal(20,0)",
  FLOAT: "float",
  DOUBLE: "double",
  VARCHAR: "string",
  JSON: "string",
  BLOB: "binary",
  DATE: "date",
  TIMESTAMP: "timestamp_ntz",
  TIMESTAMP_S: "timestamp_ntz",
  TIMESTAMP_MS: "timestamp_ntz",
  "TIMESTAMP WITH TIME ZONE": "timestamp",
};

/**
 * Spark's name of a type of DuckDB, such as `array<struct<`a`: int>>` of `STRUCT(a INTEGER)[]`.
 *
 * @throws SparkError `NOT_IN_SPARK`
 */
export function sparkType(type: string): string {
  const { sql, rest } = parse(type.trim());
  if (rest.trim()) throw unknown(type);
  return sql;
}

interface Parsed {
  readonly sql: string;
  readonly rest: string;
}

function parse(text: string): Parsed {
  let { sql, rest } = base(text);
  while (rest.startsWith("[")) {
    sql = `array<${sql}>`;
    rest = rest.slice(rest.indexOf("]") + 1);
  }
  return { sql, rest };
}

function base(text: string): Parsed {
  const struct = /^STRUCT\(/.exec(text);
  if (struct) {
    const fields: string[] = [];
    let rest = text.slice(struct[0].length);
    for (;;) {
      const [whole, quoted, plain] = /^\s*(?:"((?:[^"]|"")*)"|(\w+))\s+/.exec(rest) ?? [];
      if (whole === undefined) throw unknown(text);
      const name = quoted?.replaceAll('""', '"') ?? plain ?? "";
      const field = parse(rest.slice(whole.length));
      fields.push(`${identifier(name)}: ${field.sql}`);
      rest = field.rest.trimStart();
      if (rest.startsWith(")")) return { sql: `struct<${fields.join(", ")}>`, rest: rest.slice(1) };
      rest = rest.slice(1);
    }
  }
  if (text.startsWith("MAP(")) {
    const key = parse(text.slice(4));
    const value = parse(key.rest.replace(/^\s*,\s*/, ""));
    return { sql: `map<${key.sql}, ${value.sql}>`, rest: value.rest.trimStart().slice(1) };
  }
  const [decimal] = /^DECIMAL\(\d+,\s*\d+\)/.exec(text) ?? [];
  if (decimal)
    return { sql: decimal.toLowerCase().replace(" ", ""), rest: text.slice(decimal.length) };
  const [name = ""] = /^(TIMESTAMP WITH TIME ZONE|[A-Z_]+)/.exec(text) ?? [];
  const sql = Object.hasOwn(SCALARS, name) ? SCALARS[name] : undefined;
  if (!sql) throw unknown(text);
  return { sql, rest: text.slice(name.length) };
}

function unknown(type: string): Error {
  return notInSpark(
    `the type ${type}`,
    "Cast it to one that both have, such as VARCHAR or TIMESTAMP.",
  );
}

/** Kinds of DuckDB types that the translation distinguishes. */
export type Kind =
  | "whole"
  | "float"
  | "decimal"
  | "date"
  | "time"
  | "interval"
  | "text"
  | "boolean"
  | "list"
  | "map"
  | "struct";

export function kindOf(type: string | undefined): Kind | undefined {
  if (type === undefined) return undefined;
  if (/\]$/.test(type)) return "list";
  if (/^STRUCT/.test(type)) return "struct";
  if (/^MAP/.test(type)) return "map";
  if (/^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/.test(type)) return "whole";
  if (/^(FLOAT|DOUBLE)$/.test(type)) return "float";
  if (/^DECIMAL/.test(type)) return "decimal";
  if (type === "DATE") return "date";
  if (/^TIMESTAMP/.test(type)) return "time";
  if (type === "INTERVAL") return "interval";
  if (type === "BOOLEAN") return "boolean";
  return /^(VARCHAR|ENUM|JSON)/.test(type) ? "text" : undefined;
}
