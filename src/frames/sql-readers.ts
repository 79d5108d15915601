import { FrameError } from "../core/errors.ts";
import { type Engine, literal } from "./engine.ts";
import type { FileFormat } from "./read/format.ts";
import { refuseMachine } from "./sql-guard.ts";
import { pivotsIn, refuseTables } from "./sql-pivot.ts";
import { parseTree, type SqlNode } from "./sql-tree.ts";

const READERS: Readonly<Record<string, FileFormat>> = {
  parquet_scan: "parquet",
  read_csv: "csv",
  read_csv_auto: "csv",
  read_json: "json",
  read_json_auto: "json",
  read_ndjson: "json",
  read_ndjson_auto: "json",
  read_parquet: "parquet",
};

/** A statement whose tables are paths of a lake and dataframes. */
export interface Statement {
  readonly sql: string;
  readonly tree: SqlNode;
  /** Makes the result that `sql` reads, once its tables are there. */
  readonly before?: string;
  /** The format of files that the statement names, by their path. */
  readonly formats: ReadonlyMap<string, FileFormat>;
}

/**
 * Parses a `select` statement. DuckDB's own functions that read files may stand in it, with a path
 * of the lake: `from read_csv('sales/*.csv')` is `from 'sales/*.csv'`.
 *
 * @throws FrameError `BAD_SQL`
 */
export async function parseStatement(engine: Engine, sql: string): Promise<Statement> {
  for (const { source, rest } of pivotsIn(sql)) {
    const found = await parseSource(engine, `select * from ${source}`).catch(() => undefined);
    if (!found) continue;
    refuseTables(rest);
    const before = `create or replace temp table ${PIVOTED} as (pivot (${found.sql}\n) on ${rest}\n)`;
    return { ...found, sql: `from ${PIVOTED}`, before };
  }
  return parseSource(engine, sql);
}

const PIVOTED = '"notelake pivot"';

async function parseSource(engine: Engine, sql: string): Promise<Statement> {
  const tree = await parseTree(engine, sql);
  const formats = new Map<string, FileFormat>();
  const replaced = replaceReaders(tree, formats) as SqlNode;
  refuseMachine(replaced);
  if (formats.size === 0) return { sql, tree, formats };
  const result = await engine.runAndReadAll(
    `select json_deserialize_sql(${literal(JSON.stringify(replaced))}::json)`,
  );
  return { sql: String(result.getRowsJson()[0]?.[0]), tree: replaced, formats };
}

/** A copy of a tree in which calls of readers are tables. */
function replaceReaders(value: unknown, formats: Map<string, FileFormat>): unknown {
  if (Array.isArray(value)) return value.map((item) => replaceReaders(item, formats));
  // A number as it is written stays the object that stands for it.
  if (typeof value !== "object" || value === null || "rawJSON" in value) return value;
  const node = value as SqlNode;
  const call = node.type === "TABLE_FUNCTION" ? (node.function as SqlNode) : undefined;
  const name = String(call?.function_name ?? "").toLowerCase();
  const format = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
  if (format && call) {
    const path = pathOf(call, name);
    const known = formats.get(path) ?? format;
    if (known !== format) throw bad(`${path} is read as ${known} and as ${format}`);
    formats.set(path, format);
    const { sample, alias, column_name_alias } = node;
    return {
      type: "BASE_TABLE",
      alias: alias || name,
      sample,
      query_location: 0,
      schema_name: "",
      table_name: path,
      column_name_alias,
      catalog_name: "",
      at_clause: null,
    };
  }
  return Object.fromEntries(
    Object.entries(node).map(([key, child]) => [key, replaceReaders(child, formats)]),
  );
}

function pathOf(call: SqlNode, name: string): string {
  const [path, ...options] = (call.children ?? []) as readonly SqlNode[];
  const { value, type } = (path?.value ?? {}) as { value?: unknown; type?: { id?: string } };
  if (path?.type !== "VALUE_CONSTANT" || type?.id !== "VARCHAR" || options.length > 0) {
    throw bad(`${name}() takes one path or pattern of the lake here, and nothing else`);
  }
  return String(value);
}

function bad(message: string): FrameError {
  return new FrameError("BAD_SQL", message, {
    hint: "How to read files is said in { read: { 'folder/*.csv': { delimiter: ';' } } }; a pattern such as 'folder/{a,b}.csv' stands for several files.",
  });
}
