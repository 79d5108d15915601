import { nodesIn, type SqlNode } from "./parse-tree.ts";

// What may speak of columns without naming them.
const UNNAMED = new Set(["STAR", "PIVOT", "POSITIONAL_REFERENCE", "SHOW_REF"]);

/**
 * Names, in lower case, that hold those of all columns which a statement may read; undefined if it
 * may read columns that it does not name.
 */
export function referencedColumns(tree: SqlNode): ReadonlySet<string> | undefined {
  const names = new Set<string>();
  const tables = new Set<string>();
  let namesAll = true;
  const add = (list: unknown, to: Set<string>) => {
    for (const name of Array.isArray(list) ? list : [list]) to.add(String(name).toLowerCase());
  };
  for (const node of nodesIn(tree)) {
    const { column_name_alias: renamed } = node;
    if (UNNAMED.has(String(node.type)) || node.ref_type === "NATURAL") namesAll = false;
    if (Array.isArray(renamed) && renamed.length > 0) namesAll = false;
    if (node.type === "COLUMN_REF") add(node.column_names, names);
    if (node.using_columns !== undefined) add(node.using_columns, names);
    if (node.type === "BASE_TABLE") add([node.table_name, node.alias], tables);
  }
  // A table named like a column stands for a whole row, or for the table of a column: `t.a`.
  const isRow = [...names].some((name) => tables.has(name));
  return namesAll && !isRow && names.size > 0 ? names : undefined;
}
