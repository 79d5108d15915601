import { FrameError } from "../../core/errors.ts";
import { type Engine, identifier } from "./engine.ts";
import { parseTree, type SqlNode, sqlOf } from "./parse-tree.ts";

// Of `pivot sales on year` the engine makes several statements, of which it shows no tree: it has to
// know the years first. So `in "notelake values 1"` is put behind the `year`, an enum that is made
// of the years once the tables are there.

/** How the names of these enums begin. */
export const ENUM_PREFIX = "notelake values ";

/** What ends the expressions behind `on`, and the source before it. */
const ENDS = new Set(["using", "group", "order", "limit", "offset"]);
const NEXT = new Set(["union", "except", "intersect"]);

/** Names an enum for each column that a pivot takes its values from, where none are given. */
export function namePivotEnums(sql: string): string {
  const tokens = tokensOf(sql);
  const ends = tokens.flatMap((_, at) =>
    isPivot(tokens, at) ? endsWithoutValues(tokens, at) : [],
  );
  const sorted = [...new Set(ends)].sort((a, b) => a - b);
  const parts = sorted.map((end, index) => {
    const before = sql.slice(sorted[index - 1] ?? 0, end);
    return `${before} in ${identifier(`${ENUM_PREFIX}${index + 1}`)}`;
  });
  return parts.join("") + sql.slice(sorted.at(-1) ?? 0);
}

/** Whether a token begins a statement `pivot SOURCE on …`, and not `from SOURCE pivot (…)`. */
function isPivot(tokens: readonly SqlToken[], at: number): boolean {
  const [before, token, next] = [tokens[at - 1], tokens[at], tokens[at + 1]];
  if (!token?.isWord || !/^pivot(_wider)?$/.test(token.text)) return false;
  if (!before || before.text === "(" || NEXT.has(before.text)) return true;
  if (/^(all|by|name)$/.test(before.text)) return true;
  if (before.text !== ")") return false;
  if (next?.text !== "(") return true;
  // Behind `with s as (…)` or behind a source: only the second has `for` in its parentheses.
  const rest = tokens.slice(at + 2);
  const close = rest.findIndex(({ depth }) => depth <= token.depth);
  return !rest
    .slice(0, close)
    .some(({ text, depth }) => text === "for" && depth === next.depth + 1);
}

/** Where the expressions of a pivot end that say no values. */
function endsWithoutValues(tokens: readonly SqlToken[], at: number): number[] {
  const { depth = 0 } = tokens[at] ?? {};
  const rest = tokens.slice(at + 1);
  const close = rest.findIndex((token) => token.depth < depth || token.text === ";");
  const own = rest.slice(0, close < 0 ? undefined : close).filter((token) => token.depth === depth);
  const stop = own.findIndex(({ text }) => NEXT.has(text));
  const clause = stop < 0 ? own : own.slice(0, stop);
  // A source may be a join, which has an `on` too.
  const on = clause.findLastIndex(({ text, isWord }) => isWord && text === "on");
  if (on < 0) return [];
  const last = clause.findIndex(
    ({ text, isWord }, index) => index > on && isWord && ENDS.has(text),
  );
  const listed = clause.slice(on + 1, last < 0 ? undefined : last);
  const ends: number[] = [];
  let item: SqlToken[] = [];
  for (const token of [...listed, undefined]) {
    if (token && token.text !== ",") {
      item.push(token);
      continue;
    }
    const end = item.at(-1)?.end;
    if (end !== undefined && !item.some(({ text, isWord }) => isWord && text === "in")) {
      ends.push(end);
    }
    item = [];
  }
  return ends;
}

/** The names of `with` clauses that a part of a statement may use, the outermost first. */
type Scopes = readonly (readonly unknown[])[];

/**
 * Makes the enums that `nameValues` named, of the values that are there, in the engine's own order.
 *
 * @throws FrameError `BAD_SQL` for a pivot whose values depend on parameters
 */
export async function makePivotEnums(engine: Engine, tree: SqlNode): Promise<void> {
  const visit = async (value: unknown, scopes: Scopes): Promise<void> => {
    if (typeof value !== "object" || value === null) return;
    const { cte_map: named, pivots, ...rest } = value as SqlNode;
    const names = (named as { map?: readonly unknown[] } | undefined)?.map ?? [];
    for (const [index, entry] of names.entries()) {
      await visit(entry, [...scopes, names.slice(0, index)]);
    }
    const inner = names.length > 0 ? [...scopes, names] : scopes;
    // The source of a pivot may be a pivot, whose values have to be known before.
    for (const child of Object.values(rest)) await visit(child, inner);
    if (rest.type !== "PIVOT") return;
    for (const pivot of (pivots ?? []) as readonly SqlNode[]) {
      const name = String(pivot.pivot_enum ?? "");
      if (!name.startsWith(ENUM_PREFIX)) continue;
      const [expression] = (pivot.pivot_expressions ?? []) as readonly unknown[];
      const sql = await distinctSql(engine, rest.source, expression, inner);
      await engine.run(`create or replace temp type ${identifier(name)} as enum (${sql})`);
    }
  };
  await visit(tree, []);
}

/** A parsed `select`, as far as it is put together anew here. */
interface Shell {
  statements: [{ node: SelectNode }];
}

interface SelectNode {
  cte_map: { map: readonly unknown[] };
  select_list: { child: unknown }[];
  where_clause: { children: unknown[] };
  from_table: unknown;
}

async function distinctSql(
  engine: Engine,
  source: unknown,
  expression: unknown,
  scopes: Scopes,
): Promise<string> {
  if (JSON.stringify([source, expression, scopes]).includes('"VALUE_PARAMETER"')) {
    throw new FrameError("BAD_SQL", "a pivot whose values are not given cannot have parameters", {
      hint: "Give the values: pivot 'sales/*.csv' on year in (2025, 2026) using sum(amount).",
    });
  }
  const shell = async (sql: string) => (await parseTree(engine, sql)) as unknown as Shell;
  let values = await shell("select distinct cast(x as varchar) from t where x is not null");
  const { node } = values.statements[0];
  for (const item of node.select_list) item.child = expression;
  node.where_clause.children = [expression];
  node.from_table = source;
  for (const names of [...scopes].reverse()) {
    const around = await shell("select * from (select 1)");
    const outer = around.statements[0].node;
    outer.cte_map = { map: names };
    outer.from_table = { ...(outer.from_table as object), subquery: values.statements[0] };
    values = around;
  }
  return `select * from (${await sqlOf(engine, values)}) order by 1`;
}

/** A word, text, name or sign of a statement. */
interface SqlToken {
  /** As it stands; of words in lower case. */
  readonly text: string;
  readonly isWord: boolean;
  /** How many parentheses and brackets it stands in. */
  readonly depth: number;
  readonly start: number;
  readonly end: number;
}

const TOKEN = new RegExp(
  [
    /(?<note>--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))/u,
    /(?<text>e'(?:\\[\s\S]|''|[^'\\])*'?|'(?:''|[^'])*'?|"(?:""|[^"])*"?)/u,
    /(?<dollars>\$(?<tag>[a-z_]\w*)?\$[\s\S]*?(?:\$\k<tag>\$|$))/u,
    /(?<word>[\p{L}_][\p{L}\p{N}_$]*)/u,
    /(?<number>\d[\w.]*)/u,
    /(?<sign>\S)/u,
  ]
    .map(({ source }) => source)
    .join("|"),
  "giu",
);

/** The parts of a statement, without notes and what stands between. */
function tokensOf(sql: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  let depth = 0;
  for (const { index, 0: text, groups } of sql.matchAll(TOKEN)) {
    if (groups?.note !== undefined) continue;
    if (/^[)\]}]$/.test(text)) depth--;
    const isWord = groups?.word !== undefined;
    const end = index + text.length;
    tokens.push({ text: isWord ? text.toLowerCase() : text, isWord, depth, start: index, end });
    if (/^[([{]$/.test(text)) depth++;
  }
  return tokens;
}
