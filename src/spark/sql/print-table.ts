import type { SqlNode } from "../../frames/sql/parse-tree.ts";
import { type Printer, printAll } from "./printer.ts";
import { identifier, notInSpark } from "./spark-dialect.ts";

const JOINS: Readonly<Record<string, string>> = {
  INNER: "join",
  LEFT: "left join",
  RIGHT: "right join",
  OUTER: "full join",
  SEMI: "left semi join",
  ANTI: "left anti join",
};

/**
 * A `from` clause.
 *
 * @param ctes entries of the enclosing `with` clauses
 */
export async function printTable(
  printer: Printer,
  table: SqlNode,
  ctes: readonly SqlNode[],
): Promise<string> {
  if (table.sample) throw notInSpark("tablesample", "Take a part by a condition.");
  switch (table.type) {
    case "EMPTY":
      return "";
    case "BASE_TABLE": {
      const name = String(table.table_name);
      const isOwn = ctes.some(({ key }) => String(key).toLowerCase() === name.toLowerCase());
      const sql = isOwn ? identifier(name) : printer.tableName(name);
      return `${sql} as ${identifier(String(table.alias || name))}${columns(table)}`;
    }
    case "SUBQUERY": {
      const { node } = table.subquery as { node: SqlNode };
      const alias = String(table.alias || "");
      const named = alias ? ` as ${identifier(alias)}${columns(table)}` : "";
      const values = valuesOf(node);
      if (values)
        return `${await printValues(printer, values, ctes)}${named || " as `valueslist`"}`;
      return `(${await printer.select(node, ctes, true)})${named}`;
    }
    case "JOIN":
      return printJoin(printer, table, ctes);
    case "EXPRESSION_LIST":
      return `${await printValues(printer, table, ctes)} as ${identifier(String(table.alias || "valueslist"))}${columns(table)}`;
    case "TABLE_FUNCTION":
      return printRange(printer, table, ctes);
    default:
      throw notInSpark(
        String(table.type).toLowerCase().replaceAll("_", " "),
        "Write it as a select with group by.",
      );
  }
}

function columns({ column_name_alias: names }: SqlNode): string {
  const list = (names ?? []) as string[];
  return list.length > 0 ? ` (${list.map(identifier).join(", ")})` : "";
}

/** In DuckDB's syntax tree, `(values …) as t(a, b)` is a `select *`. */
function valuesOf(node: SqlNode): SqlNode | undefined {
  const from = node.from_table as SqlNode | undefined;
  const isPlain = ((node.modifiers ?? []) as unknown[]).length === 0 && !node.where_clause;
  return isPlain && from?.type === "EXPRESSION_LIST" ? from : undefined;
}

async function printValues(printer: Printer, list: SqlNode, ctes: readonly SqlNode[]) {
  const scope = { ctes, from: printer.nowhere };
  const rows = await printAll(list.values, async (row) => {
    const cells = await printAll(row, (cell) => printer.expression(cell, scope));
    return `(${cells.join(", ")})`;
  });
  // Spark names unnamed columns differently.
  const [first] = list.values as unknown[][];
  const names = (list.expected_names as string[] | undefined)?.length
    ? (list.expected_names as string[])
    : (first ?? []).map((_, index) => `col${index}`);
  return `(select * from (values ${rows.join(", ")}) as valueslist (${names.map(identifier).join(", ")}))`;
}

async function printJoin(printer: Printer, join: SqlNode, ctes: readonly SqlNode[]) {
  const left = await printTable(printer, join.left as SqlNode, ctes);
  const right = await printTable(printer, join.right as SqlNode, ctes);
  const kind = String(join.ref_type);
  if (kind === "CROSS") return `${left} cross join ${right}`;
  const word = JOINS[String(join.join_type)];
  if (!word || (kind !== "REGULAR" && kind !== "NATURAL")) {
    throw notInSpark(
      `${kind.toLowerCase()} join`,
      "Join on a condition, and take the first row by a window.",
    );
  }
  if (kind === "NATURAL") return `${left} natural ${word} ${right}`;
  const using = (join.using_columns ?? []) as string[];
  if (using.length > 0)
    return `${left} ${word} ${right} using (${using.map(identifier).join(", ")})`;
  const condition = await printer.expression(join.condition, { ctes, from: join });
  return `${left} ${word} ${right} on ${condition}`;
}

async function printRange(printer: Printer, table: SqlNode, ctes: readonly SqlNode[]) {
  const call = table.function as SqlNode;
  const name = String(call.function_name).toLowerCase();
  const scope = { ctes, from: printer.nowhere };
  const args = await printAll(call.children, (child) => printer.expression(child, scope));
  if (name !== "range" && name !== "generate_series") {
    throw notInSpark(`${name}() behind from`, "Write select unnest(list) … in a subquery.");
  }
  const [start, end, step] = args.length === 1 ? ["0L", args[0], undefined] : args;
  const last = name === "range" ? end : `${end} + 1`;
  const more = step === undefined ? "" : `, ${step}`;
  const [column = name] = (table.column_name_alias ?? []) as string[];
  const alias = identifier(String(table.alias || name));
  return `(select id as ${identifier(column)} from range(${start}, ${last}${more})) as ${alias}`;
}
