import type { SqlNode } from "./sql-tree.ts";

/** Whether an error says that no table has a column `filename`. */
export function lacksFileColumn(error: unknown): boolean {
  const message = error instanceof Error ? error.message : "";
  return /^Binder Error:.*column.*"filename"/is.test(message);
}

/**
 * A copy of a tree in which `*` does not stand for the column `filename` of some tables, as the
 * engine has it of the readers themselves.
 */
export function hideFileColumn(tree: SqlNode, tables: ReadonlySet<string>): SqlNode {
  const visit = (value: unknown, own: readonly string[]): unknown => {
    if (Array.isArray(value)) return value.map((item) => visit(item, own));
    // A number as it is written stays the object that stands for it.
    if (typeof value !== "object" || value === null || "rawJSON" in value) return value;
    const node = value as SqlNode;
    const here = node.type === "SELECT_NODE" ? aliasesIn(node.from_table, tables) : own;
    const entries = Object.entries(node).map(([key, child]) => [key, visit(child, here)]);
    const copy = Object.fromEntries(entries) as SqlNode;
    return node.type === "STAR" && node.expr === null ? withoutFileColumn(copy, here) : copy;
  };
  return visit(tree, []) as SqlNode;
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
