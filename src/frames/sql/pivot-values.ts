import { FrameError } from "../../core/errors.ts";
import { type Engine, identifier } from "./engine.ts";
import { parseTree, sqlOf } from "./parse-tree.ts";
import { VALUES } from "./pivot-enums.ts";
import type { SqlNode } from "./sql-node.ts";

/** The names of `with` clauses that a part of a statement may use, the outermost first. */
type Scopes = readonly (readonly unknown[])[];

/**
 * Makes the enums that `nameValues` named, of the values that are there, in the engine's own order.
 *
 * @throws FrameError `BAD_SQL` for a pivot whose values depend on parameters
 */
export async function makeValues(engine: Engine, tree: SqlNode): Promise<void> {
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
      if (!name.startsWith(VALUES)) continue;
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
