import { identifier } from "./engine.ts";
import { type SqlToken, tokensOf } from "./sql-tokens.ts";

// Of `pivot sales on year` the engine makes several statements, of which it shows no tree: it has to
// know the years first. So `in "notelake values 1"` is put behind the `year`, an enum that is made
// of the years once the tables are there.

/** How the names of these enums begin. */
export const VALUES = "notelake values ";

/** What ends the expressions behind `on`, and the source before it. */
const ENDS = new Set(["using", "group", "order", "limit", "offset"]);
const NEXT = new Set(["union", "except", "intersect"]);

/** Names an enum for each column that a pivot takes its values from, where none are given. */
export function nameValues(sql: string): string {
  const tokens = tokensOf(sql);
  const ends = tokens.flatMap((_, at) => (isPivot(tokens, at) ? unlisted(tokens, at) : []));
  const sorted = [...new Set(ends)].sort((a, b) => a - b);
  const parts = sorted.map((end, index) => {
    const before = sql.slice(sorted[index - 1] ?? 0, end);
    return `${before} in ${identifier(`${VALUES}${index + 1}`)}`;
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
function unlisted(tokens: readonly SqlToken[], at: number): number[] {
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
