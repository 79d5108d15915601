import { FrameError } from "../../core/errors.ts";
import type { ReadOptions } from "../read/read-options.ts";
import type { Engine } from "./engine.ts";
import { parseTree, refuseLocalAccess, type SqlNode } from "./parse-tree.ts";
import { namePivotEnums } from "./pivot-values.ts";
import { READERS, readerCall } from "./reader-calls.ts";

/** What a table of a statement stands for, where that is more than the path in its name. */
export interface NamedSource {
  readonly places: readonly string[];
  readonly options: ReadOptions;
  /** Whether it is a list of files, and not what is in them. */
  readonly isListing?: boolean;
}

/** A statement whose tables are paths of a lake and dataframes. */
export interface Statement {
  /** Undefined where `tree` says something else than what was written. */
  readonly sql: string | undefined;
  readonly tree: SqlNode;
  /** By the name of the table. */
  readonly sources: ReadonlyMap<string, NamedSource>;
}

/**
 * Parses a `select` statement. DuckDB's own functions that read files may stand in it, with paths
 * of the lake: `from read_csv('sales/*.csv')` is `from 'sales/*.csv'`, and `glob('sales/*')` lists
 * files of the lake.
 *
 * @throws FrameError `BAD_SQL`
 */
export async function parseStatement(engine: Engine, sql: string): Promise<Statement> {
  const listed = namePivotEnums(sql);
  const written = await parseTree(engine, listed);
  const sources = new Map<string, NamedSource>();
  const tree = (await replaceReaders(engine, written, sources)) as SqlNode;
  refuseLocalAccess(tree);
  return { sql: sources.size === 0 ? listed : undefined, tree, sources };
}

/** A copy of a tree in which calls of readers are tables. */
async function replaceReaders(
  engine: Engine,
  value: unknown,
  sources: Map<string, NamedSource>,
): Promise<unknown> {
  // A number as it is written stays the object that stands for it.
  if (typeof value !== "object" || value === null || "rawJSON" in value) return value;
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value) items.push(await replaceReaders(engine, item, sources));
    return items;
  }
  const node = value as SqlNode;
  const call = node.type === "TABLE_FUNCTION" ? (node.function as SqlNode) : undefined;
  const name = String(call?.function_name ?? "").toLowerCase();
  if (call && (Object.hasOwn(READERS, name) || name === "glob")) {
    return tableOf(node, name, await addSource(engine, call, name, sources));
  }
  const entries: [string, unknown][] = [];
  for (const [key, child] of Object.entries(node)) {
    entries.push([key, await replaceReaders(engine, child, sources)]);
  }
  return Object.fromEntries(entries);
}

/** Takes note of what a call reads. @returns the name of the table that it becomes */
async function addSource(
  engine: Engine,
  call: SqlNode,
  name: string,
  sources: Map<string, NamedSource>,
): Promise<string> {
  const source = { ...(await readerCall(engine, call, name)), isListing: name === "glob" };
  const [place = ""] = source.places;
  const { format, ...options } = source.options;
  const isPlain = source.places.length === 1 && Object.keys(options).length === 0;
  const known = sources.get(place)?.options.format;
  const canBePath = isPlain && name !== "glob" && (known === undefined || known === format);
  const table = canBePath ? place : `${name}(${JSON.stringify([source.places, source.options])})`;
  sources.set(table, source);
  return table;
}

function tableOf(node: SqlNode, name: string, table: string): SqlNode {
  const { sample, alias, column_name_alias, with_ordinality: ordinality } = node;
  if (ordinality !== undefined && ordinality !== "WITHOUT_ORDINALITY") {
    throw new FrameError("BAD_SQL", `${name}() cannot be numbered \`with ordinality\` here`, {
      hint: "row_number() over () numbers the rows of a result.",
    });
  }
  return {
    type: "BASE_TABLE",
    alias: alias || name,
    sample,
    query_location: 0,
    schema_name: "",
    table_name: table,
    column_name_alias,
    catalog_name: "",
    at_clause: null,
  };
}
