import type { SqlNode } from "../../frames/sql/parse-tree.ts";
import type { Scope } from "./binder.ts";
import { type Printer, printAll } from "./printer.ts";
import { AGGREGATES } from "./spark-functions.ts";
import { notInSpark } from "./spark-quoting.ts";
import { kindOf } from "./spark-types.ts";

/** Window functions that go by the same name, and answer the same. */
const SAME = new Set([
  "row_number",
  "rank",
  "dense_rank",
  "percent_rank",
  "cume_dist",
  "ntile",
  "lag",
  "lead",
  "first_value",
  "last_value",
  "nth_value",
]);

const BOUNDS: Readonly<Record<string, string>> = {
  UNBOUNDED_PRECEDING: "unbounded preceding",
  UNBOUNDED_FOLLOWING: "unbounded following",
  CURRENT_ROW_RANGE: "current row",
  CURRENT_ROW_ROWS: "current row",
};

/** A call with `over`. */
export async function printWindow(printer: Printer, node: SqlNode, scope: Scope): Promise<string> {
  const print = (child: unknown) => printer.expression(child, scope);
  const name = String(node.function_name).toLowerCase();
  const children = (node.children ?? []) as SqlNode[];
  const more = [node.offset_expr, node.default_expr].filter(Boolean);
  const args = await printAll([...children, ...more], print);
  if (node.distinct) throw notInSpark("distinct in a window", "Count distinct values by groups.");
  if (node.exclude_clause && node.exclude_clause !== "NO_OTHER") {
    throw notInSpark("exclude in a window", "Subtract what is to be left out.");
  }
  const type = await printer.binder.typeOf(children[0], scope);
  const kinds = [kindOf(type)];
  const call = SAME.has(name)
    ? `${name}(${args.join(", ")})`
    : Object.hasOwn(AGGREGATES, name)
      ? AGGREGATES[name]?.({ name, args, kinds, type, texts: [] })
      : undefined;
  if (!call) throw notInSpark(`${name}() in a window`, "Compute it in another way.");
  const ignoring = node.ignore_nulls ? " ignore nulls" : "";
  if (node.filter_expr) throw notInSpark("filter in a window", "Write case when … in the call.");
  const over: string[] = [];
  const partitions = await printAll(node.partitions, print);
  if (partitions.length > 0) over.push(`partition by ${partitions.join(", ")}`);
  const orders = (node.orders ?? []) as SqlNode[];
  if (orders.length > 0) over.push(`order by ${(await printer.orders(orders, scope)).join(", ")}`);
  const frame = await frameOf(node, orders.length > 0, print);
  if (frame) over.push(frame);
  return `${call}${ignoring} over (${over.join(" ")})`;
}

async function frameOf(
  node: SqlNode,
  isOrdered: boolean,
  print: (child: unknown) => Promise<string>,
): Promise<string | undefined> {
  const [start, end] = [String(node.start), String(node.end)];
  const isDefault = start === "UNBOUNDED_PRECEDING" && end === "CURRENT_ROW_RANGE";
  if (isDefault || !isOrdered) return undefined;
  if (/GROUPS/.test(start + end)) throw notInSpark("groups in a window", "Write rows or range.");
  const bound = async (kind: string, expression: unknown) => {
    const [, way] = /^EXPR_(PRECEDING|FOLLOWING)/.exec(kind) ?? [];
    return way ? `${await print(expression)} ${way.toLowerCase()}` : BOUNDS[kind];
  };
  const unit = /ROWS/.test(start + end) ? "rows" : "range";
  return `${unit} between ${await bound(start, node.start_expr)} and ${await bound(end, node.end_expr)}`;
}
