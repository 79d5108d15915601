import { FrameError } from "../../core/errors.ts";
import { isTooDeep, nestedTooDeeply } from "../read/read-failures.ts";
import { type Engine, literal } from "./engine.ts";

/** A node of a statement as the engine parsed it. */
export interface SqlNode {
  readonly [key: string]: unknown;
  readonly type?: string;
}

/** All nodes of a tree, each before those below it. */
export function* nodesIn(tree: unknown): Generator<SqlNode> {
  if (typeof tree !== "object" || tree === null) return;
  if (!Array.isArray(tree)) yield tree as SqlNode;
  for (const child of Object.values(tree)) yield* nodesIn(child);
}

/** A table that a statement reads, and what its `where` demands when it reads that table alone. */
export interface TableUse {
  readonly name: string;
  readonly conditions: readonly SqlNode[];
}

/**
 * Parses one `select` statement.
 *
 * @throws FrameError `BAD_SQL` for anything else, and for what `refuseMachine` refuses
 */
export async function parseSelect(engine: Engine, sql: string): Promise<SqlNode> {
  const tree = await parseTree(engine, sql);
  refuseLocalAccess(tree);
  return tree;
}

/** The same, before what it may reach is looked at. */
export async function parseTree(engine: Engine, sql: string): Promise<SqlNode> {
  const result = await engine.runAndReadAll(`select json_serialize_sql(${literal(sql)})`);
  // Places in the text can be larger than a number holds exactly, and nothing here needs them.
  const text = String(result.getRowsJson()[0]?.[0]).replace(
    /"query_location":\d+/g,
    '"query_location":0',
  );
  if (depthOf(text) > DEEPEST) throw nestedTooDeeply();
  const tree = JSON.parse(text, exactly) as SqlNode;
  if (tree.error) {
    if (isTooDeep(String(tree.error_message))) throw nestedTooDeeply();
    const told = String(tree.error_message);
    const isOther = told.startsWith("Only SELECT statements");
    throw new FrameError("BAD_SQL", isOther ? "this is no SELECT statement" : told, {
      hint: "One SELECT statement is expected (`with`, `from`, `pivot`, `unpivot`, `values`, `describe` and `summarize` are such); tables are files of the lake: from 'folder/*.parquet'. `query.plan` tells what one would fetch; `writeQuery` and `writeFrame` write.",
    });
  }
  if (Array.isArray(tree.statements) && tree.statements.length > 1) {
    throw new FrameError("BAD_SQL", `there are ${tree.statements.length} statements`, {
      hint: "One SELECT statement is expected: call once for each.",
    });
  }
  return tree;
}

/**
 * Of a statement as JSON, in which an expression takes two levels or three. The engine prepares 200
 * expressions within one another in 0.1 s, 400 in 2 s and 800 in half a minute, deaf to the end of it.
 */
const DEEPEST = 520;

/** How many brackets are open at once in a JSON text. */
function depthOf(json: string): number {
  let [depth, deepest] = [0, 0];
  for (const [sign] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (sign === "[" || sign === "{") deepest = Math.max(deepest, ++depth);
    else if (sign === "]" || sign === "}") depth -= 1;
  }
  return deepest;
}

/** Keeps whole numbers as they are written where a double would round them: `9007199254740993`. */
function exactly(_key: string, value: unknown, { source }: { source?: string } = {}): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  // Of Node, and not yet in the types of JavaScript's library.
  const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };
  return source && /^-?\d+$/.test(source) ? rawJSON(source) : value;
}

export async function sqlOf(engine: Engine, tree: object): Promise<string> {
  const result = await engine.runAndReadAll(
    `select json_deserialize_sql(${literal(JSON.stringify(tree))}::json)`,
  );
  return String(result.getRowsJson()[0]?.[0]);
}

export async function conditionSql(engine: Engine, condition: SqlNode): Promise<string> {
  const shell = (await parseSelect(engine, "select 1 where true")) as {
    statements?: { node: { where_clause: unknown } }[];
  };
  const node = shell.statements?.[0]?.node;
  if (node) node.where_clause = condition;
  return (await sqlOf(engine, shell)).replace(/^.*? WHERE /s, "");
}

/** The parts between the outermost `and`s of a condition. */
function conjuncts(condition: unknown): SqlNode[] {
  if (!isNode(condition)) return [];
  if (condition.type !== "CONJUNCTION_AND") return [condition];
  return Array.isArray(condition.children) ? condition.children.filter(isNode) : [];
}

/** Every table that a statement reads, its own `with` names aside. */
export function tablesOf(tree: SqlNode): TableUse[] {
  const own = new Set<string>();
  const usesByName = new Map<string, SqlNode[][]>();
  const add = (table: SqlNode, conditions: SqlNode[]) => {
    const name = String(table.table_name);
    // `from files as f(a, b)` gives columns other names.
    const { column_name_alias: renamed } = table;
    const isRenamed = Array.isArray(renamed) && renamed.length > 0;
    usesByName.set(name, [...(usesByName.get(name) ?? []), isRenamed ? [] : conditions]);
  };
  const visit = (value: unknown, conditions: SqlNode[] = []): void => {
    if (Array.isArray(value)) {
      for (const item of value) visit(item);
    } else if (isNode(value)) {
      const entries = (value.cte_map as SqlNode | undefined)?.map;
      if (Array.isArray(entries)) for (const entry of entries) own.add(String(entry.key));
      if (value.type === "BASE_TABLE") add(value, conditions);
      for (const [key, child] of Object.entries(value)) {
        visit(child, key === "from_table" ? conjuncts(value.where_clause) : []);
      }
    }
  };
  visit(tree);
  return (
    [...usesByName]
      .filter(([name]) => !own.has(name))
      // What one use of a table demands, another use may not.
      .map(([name, uses]) => ({ name, conditions: uses.length === 1 ? (uses[0] ?? []) : [] }))
  );
}

function isNode(value: unknown): value is SqlNode {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// All that make rows of their arguments alone. Others read files, settings or statements.
const TABLE_FUNCTIONS = new Set([
  "generate_series",
  "generate_subscripts",
  "json_each",
  "json_tree",
  "range",
  "repeat",
  "repeat_row",
  "unnest",
]);

const REFUSED_FUNCTIONS = new Set([
  "current_setting",
  "getenv",
  "json_execute_serialized_sql",
  "json_serialize_plan",
  "write_log",
]);

/**
 * Refuses what reaches beyond the lake and the given dataframes: functions that read files, settings
 * or another statement. The engine is locked besides, but the copies of lake files are open to it.
 *
 * @throws FrameError `BAD_SQL`
 */
export function refuseLocalAccess(tree: unknown): void {
  for (const node of nodesIn(tree)) refuseNode(node);
}

function refuseNode(node: SqlNode): void {
  if (node.type === "TABLE_FUNCTION") {
    const name = nameOf(node.function);
    if (!TABLE_FUNCTIONS.has(name)) throw notAllowed(name);
  }
  if (node.type === "FUNCTION" && REFUSED_FUNCTIONS.has(nameOf(node)))
    throw notAllowed(nameOf(node));
  // A name that ends where its `with` does would be a local path beyond it.
  const named = (node.cte_map as { map?: { key?: unknown }[] } | undefined)?.map ?? [];
  for (const { key } of named) {
    if (!/[/\\.:*?]/.test(String(key))) continue;
    throw new FrameError("BAD_SQL", `the name ${key} in a \`with\` clause looks like a path`, {
      hint: "Choose one of letters, digits and underscores.",
    });
  }
}

function nameOf(node: unknown): string {
  return String((node as SqlNode | undefined)?.function_name ?? "").toLowerCase();
}

function notAllowed(name: string): FrameError {
  return new FrameError("BAD_SQL", `${name}() may not be called here`, {
    hint: "A statement reads files of the lake, by their path in quotes: from 'folder/*.parquet', or by read_csv, read_json, read_parquet, read_xlsx, delta_scan and glob. Files and settings of this machine are out of its reach.",
  });
}
