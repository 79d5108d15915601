import { FrameError } from "../core/errors.ts";

/** The parts of `pivot SOURCE on REST`. */
export interface Pivot {
  readonly source: string;
  readonly rest: string;
}

// What can bring a table, or another statement, into the part behind `on`.
const TABLES = /;|\b(from|select|join|with|table|values|describe|summarize|show)\b/i;

// Texts and notes in which a quote may stand alone.
const OTHER_QUOTES = /\be'|\$\w*\$|--|\/\*/i;

/**
 * Every way in which a statement may be a pivot. The engine makes several statements of one, so it
 * shows no tree for it: the source is parsed on its own, and the rest must be plain expressions.
 *
 * @throws FrameError `BAD_SQL` where they are not
 */
export function* pivotsIn(sql: string): Generator<Pivot> {
  const [, body] = /^\s*pivot(?:_wider)?\s+(.*)$/is.exec(sql) ?? [];
  if (body === undefined) return;
  for (const { index, 0: word } of body.matchAll(/\son\s/gi)) {
    const [source, rest] = [body.slice(0, index), body.slice(index + word.length)];
    yield { source, rest };
  }
}

/** Refuses tables behind `on`, which would not be those that were looked at. */
export function refuseTables(rest: string): void {
  // What stands in quotes is a name or a text.
  const found = OTHER_QUOTES.exec(rest) ?? TABLES.exec(rest.replace(/'[^']*'|"[^"]*"/g, "''"));
  if (!found) return;
  throw new FrameError("BAD_SQL", `a pivot may not have \`${found[0]}\` behind its \`on\``, {
    hint: "Put it into the source: pivot (select … from 'folder/*.csv') on column using sum(value).",
  });
}
