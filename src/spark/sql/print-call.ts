import type { SqlNode } from "../../frames/sql/parse-tree.ts";
import type { Scope } from "./binder.ts";
import { printConstant, textOf } from "./print-constant.ts";
import { type Printer, printAll } from "./printer.ts";
import { identifier, literal, notInSpark } from "./spark-dialect.ts";
import { AGGREGATES, FUNCTIONS, isWrittenOtherwise, type Translation } from "./spark-functions.ts";
import { type Kind, kindOf } from "./spark-types.ts";

const OPERATORS = new Set(["+", "-", "*", "%", "&", "|"]);

/** A call of a function, an operator or an aggregate. */
export async function printCall(printer: Printer, node: SqlNode, scope: Scope): Promise<string> {
  const name = String(node.function_name).toLowerCase();
  const children = (node.children ?? []) as SqlNode[];
  const interval = name === "+" || name === "-" ? intervalOf(children[1]) : undefined;
  const args = await printAll(interval ? children.slice(0, 1) : children, (child) =>
    printer.expression(child, scope),
  );
  const types = await Promise.all(children.map((child) => printer.binder.typeOf(child, scope)));
  const kinds = types.map(kindOf);
  const pattern = textOf(children[1]);
  const [left = "", right = ""] = args;
  switch (name) {
    case "+":
    case "-":
      return plusMinus(name, args, kinds, interval);
    case "/":
      return `(cast(${left} as double) / ${right})`;
    case "//":
      return kinds.every((kind) => kind === "whole")
        ? `(${left} div ${right})`
        : `floor(cast(${left} as double) / ${right})`;
    case "**":
    case "^":
      return `power(${left}, ${right})`;
    case "||":
      if (kinds.some(isWrittenOtherwise)) {
        throw notInSpark("|| with a double", "Cast it to DECIMAL(18, 6) first.");
      }
      return `(${left} || ${right})`;
    case "~~":
    case "!~~":
    case "~~*":
    case "!~~*": {
      const word = `${name.startsWith("!") ? "not " : ""}${name.endsWith("*") ? "ilike" : "like"}`;
      if (pattern === undefined)
        throw notInSpark("like with a computed pattern", "Write contains().");
      return `(${left} ${word} ${literal(pattern.replaceAll("\\", "\\\\"))})`;
    }
    case "struct_pack": {
      const fields = children.map(
        (child, index) => `${literal(String(child.alias))}, ${args[index]}`,
      );
      return `named_struct(${fields.join(", ")})`;
    }
    case "struct_extract": {
      if (pattern === undefined) {
        throw notInSpark("a field by a computed name", "Write it in another way.");
      }
      return `${left}.${identifier(pattern)}`;
    }
    case "list":
    case "array_agg":
      return collect(printer, node, scope, left);
    case "string_agg":
    case "group_concat":
    case "listagg":
      return joinTexts(printer, node, scope, args);
  }
  if (OPERATORS.has(name)) return `(${left} ${name} ${right})`;
  const translations: Readonly<Record<string, Translation>> = isAggregate(node)
    ? AGGREGATES
    : FUNCTIONS;
  const translate = Object.hasOwn(translations, name) ? translations[name] : undefined;
  const texts = children.map(textOf);
  const sql = translate?.({
    name,
    args: node.distinct ? [`distinct ${args[0]}`, ...args.slice(1)] : args,
    kinds,
    type: types[0],
    texts,
  });
  if (sql === undefined) {
    throw notInSpark(
      `${name}()`,
      translate
        ? "It does so with other arguments."
        : "Compute it in another way, or afterwards on the result.",
    );
  }
  return sql + (await filterOf(printer, node, scope));
}

/** Whether a call is of a known aggregate. */
export function isAggregate(node: SqlNode): boolean {
  const name = String(node.function_name).toLowerCase();
  return node.class === "FUNCTION" && (Object.hasOwn(AGGREGATES, name) || LISTS.has(name));
}

const LISTS = new Set(["list", "array_agg", "string_agg", "group_concat", "listagg"]);

async function filterOf(printer: Printer, node: SqlNode, scope: Scope): Promise<string> {
  if (!node.filter) return "";
  return ` filter (where ${await printer.expression(node.filter, scope)})`;
}

function plusMinus(
  sign: string,
  [left = "", right]: string[],
  [a, b]: (Kind | undefined)[],
  interval: string | undefined,
): string {
  if (interval && (a === "date" || a === "time")) {
    // In DuckDB, a date plus an interval is a timestamp.
    const moment = a === "date" ? `cast(${left} as timestamp_ntz)` : left;
    return `(${moment} ${sign} ${interval})`;
  }
  if (right === undefined && !interval) return `(${sign}${left})`;
  if (a === "date" && b === "date") return `cast(datediff(${left}, ${right}) as bigint)`;
  if (a === "date" && b === "whole") {
    return `${sign === "+" ? "date_add" : "date_sub"}(${left}, cast(${right} as int))`;
  }
  if ([a, b].some((kind) => kind === "interval" || kind === "time")) {
    throw notInSpark(
      "arithmetic of times in this form",
      "Add a constant to a time: day + interval 3 days; date_diff('day', a, b) counts days between.",
    );
  }
  return `(${left} ${sign} ${right})`;
}

const INTERVALS: Readonly<Record<string, string>> = {
  to_years: "year",
  to_months: "month",
  to_weeks: "week",
  to_days: "day",
  to_hours: "hour",
  to_minutes: "minute",
  to_seconds: "second",
};

/** `interval '3' day` of what DuckDB's parser makes of `interval 3 days`. */
function intervalOf(node: SqlNode | undefined): string | undefined {
  const unit = INTERVALS[String(node?.function_name)];
  let value = (node?.children as SqlNode[] | undefined)?.[0];
  while (value?.class === "CAST" || value?.function_name === "trunc") {
    value = (value.child ?? (value.children as SqlNode[])[0]) as SqlNode;
  }
  if (!unit || value?.class !== "CONSTANT") return undefined;
  const count = printConstant(value).replace(/^'|'$/g, "");
  return /^-?\d+$/.test(count) ? `interval '${count}' ${unit}` : undefined;
}

async function collect(printer: Printer, node: SqlNode, scope: Scope, value: string) {
  const { filter, orders } = { filter: node.filter as SqlNode | undefined, orders: ordersOf(node) };
  const isFiltered = JSON.stringify(filter ?? null).includes("OPERATOR_IS_NOT_NULL");
  if (!isFiltered) {
    throw notInSpark(
      `${node.function_name}() with nulls`,
      `Spark leaves nulls out: write ${node.function_name}(x) filter (where x is not null).`,
    );
  }
  const word = node.distinct ? "collect_set" : "collect_list";
  const list = `${word}(${value})${await filterOf(printer, node, scope)}`;
  if (orders.length === 0) return list;
  const isOwn = orders.length === 1 && (await isAscendingBy(printer, orders[0], scope, value));
  if (!isOwn)
    throw notInSpark("a list in the order of something else", "Order it by its own values.");
  return `array_sort(${list})`;
}

async function joinTexts(printer: Printer, node: SqlNode, scope: Scope, args: string[]) {
  const [value = "", sign = "','"] = args;
  const orders = ordersOf(node);
  const text = `cast(${value} as string)`;
  const word = node.distinct ? "collect_set" : "collect_list";
  const list = `${word}(${text})${await filterOf(printer, node, scope)}`;
  if (orders.length === 0) return `array_join(${list}, ${sign})`;
  const isOwn = orders.length === 1 && (await isAscendingBy(printer, orders[0], scope, value));
  if (!isOwn)
    throw notInSpark("string_agg in the order of something else", "Order it by its own values.");
  return `array_join(array_sort(${list}), ${sign})`;
}

function ordersOf(node: SqlNode): SqlNode[] {
  return ((node.order_bys as SqlNode | undefined)?.orders ?? []) as SqlNode[];
}

async function isAscendingBy(
  printer: Printer,
  order: SqlNode | undefined,
  scope: Scope,
  value: string,
): Promise<boolean> {
  if (!order || order.type === "DESCENDING") return false;
  return (await printer.expression(order.expression, scope)) === value;
}

/** Window functions with the same names and results. */
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
