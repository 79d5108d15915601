import { FrameError } from "../../core/errors.ts";
import type { SqlNode } from "./parse-tree.ts";

export function lacksFileColumn(error: unknown): boolean {
  const message = error instanceof Error ? error.message : "";
  return /^Binder Error:.*column.*"filename"/is.test(message);
}

/**
 * A copy of a tree in which `*` does not stand for the column `filename` of some tables, as the
 * engine has it of the readers themselves.
 *
 * @throws FrameError `BAD_SQL` where all columns of a table count without a `*`
 */
export function hideFileColumn(tree: SqlNode, tables: ReadonlySet<string>): SqlNode {
  if (tables.size === 0) return tree;
  const visit = (value: unknown, own: readonly string[]): unknown => {
    if (Array.isArray(value)) return value.map((item) => visit(item, own));
    // A number as it is written stays the object that stands for it.
    if (typeof value !== "object" || value === null || "rawJSON" in value) return value;
    const node = value as SqlNode;
    refuseUnnamed(node, tables);
    const here = node.type === "SELECT_NODE" ? aliasesIn(node.from_table, tables) : own;
    const entries = Object.entries(node).map(([key, child]) => [key, visit(child, here)]);
    const copy = Object.fromEntries(entries) as SqlNode;
    return node.type === "STAR" && node.expr === null ? withoutFileColumn(copy, here) : copy;
  };
  return visit(tree, []) as SqlNode;
}

/** A pivot groups by all columns that it does not name, and a natural join compares all. */
function refuseUnnamed(
  { type, ref_type: join, source, ...rest }: SqlNode,
  tables: ReadonlySet<string>,
): void {
  const isPivot = type === "PIVOT" && aliasesIn(source, tables).length > 0;
  const isInTheWay = isPivot && !/"filename"/i.test(JSON.stringify(rest));
  if (!isInTheWay && join !== "NATURAL") return;
  const what = isPivot ? "a pivot of a path" : "a natural join";
  throw new FrameError("BAD_SQL", `${what} cannot stand beside the column filename`, {
    hint: isPivot
      ? "Let it pivot a query: pivot (from 'sales/*.csv') on year using sum(amount)."
      : "Name the columns to join by: join … using (id).",
  });
}

/** What the tables are called that a `from` names itself. */
function aliasesIn(from: unknown, tables: ReadonlySet<string>): string[] {
  const node = (from ?? {}) as SqlNode;
  if (node.type === "JOIN") {
    return [...aliasesIn(node.left, tables), ...aliasesIn(node.right, tables)];
  }
  const name = String(node.table_name);
  if (node.type !== "BASE_TABLE" || !tables.has(name)) return [];
  return [String(node.alias || name)];
}

function withoutFileColumn(star: SqlNode, own: readonly string[]): SqlNode {
  const named = JSON.stringify([star.exclude_list, star.replace_list, star.qualified_exclude_list]);
  if (/"filename"/i.test(named)) return star;
  const relation = String(star.relation_name ?? "").toLowerCase();
  const hidden = own.filter((alias) => relation === "" || relation === alias.toLowerCase());
  const excluded = hidden.map((table) => ({ catalog: "", schema: "", table, column: "filename" }));
  const before = (star.qualified_exclude_list ?? []) as readonly unknown[];
  return { ...star, qualified_exclude_list: [...before, ...excluded] };
}
