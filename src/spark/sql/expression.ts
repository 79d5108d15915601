import type { SqlNode } from "../../frames/sql/parse-tree.ts";
import type { Scope } from "./binder.ts";
import { constant, textOf } from "./constant.ts";
import { AGGREGATES, FUNCTIONS, isWrittenOtherwise, type Translation } from "./functions.ts";
import { notInSpark } from "./not-in-spark.ts";
import type { Printer } from "./select.ts";
import { type Kind, kindOf, sparkType } from "./spark-types.ts";
import { identifier, literal } from "./text.ts";
import { printWindow } from "./window.ts";

const COMPARISONS: Readonly<Record<string, string>> = {
  COMPARE_EQUAL: "=",
  COMPARE_NOTEQUAL: "<>",
  COMPARE_LESSTHAN: "<",
  COMPARE_GREATERTHAN: ">",
  COMPARE_LESSTHANOREQUALTO: "<=",
  COMPARE_GREATERTHANOREQUALTO: ">=",
  COMPARE_NOT_DISTINCT_FROM: "<=>",
};

/**
 * An expression in Spark's SQL.
 *
 * @throws SparkError `NOT_IN_SPARK`
 */
export async function printExpression(
  printer: Printer,
  expression: unknown,
  scope: Scope,
): Promise<string> {
  const node = expression as SqlNode;
  const print = (child: unknown) => printExpression(printer, child, scope);
  const type = String(node.type);
  switch (node.class) {
    case "COLUMN_REF":
      return (node.column_names as string[]).map(identifier).join(".");
    case "CONSTANT":
      return constant(node);
    case "PARAMETER": {
      const name = String(node.identifier);
      // By name, since an expression may be repeated where an alias stood for it.
      return /^\d+$/.test(name) ? `:p${name}` : `:${name}`;
    }
    case "COMPARISON": {
      const [left, right] = [await print(node.left), await print(node.right)];
      if (type === "COMPARE_DISTINCT_FROM") return `(not (${left} <=> ${right}))`;
      return `(${left} ${COMPARISONS[type] ?? refuse(type)} ${right})`;
    }
    case "CONJUNCTION": {
      const word = type === "CONJUNCTION_OR" ? " or " : " and ";
      return `(${(await all(node.children, print)).join(word)})`;
    }
    case "BETWEEN":
      return `(${await print(node.input)} between ${await print(node.lower)} and ${await print(node.upper)})`;
    case "CASE": {
      const checks = node.case_checks as SqlNode[];
      const parts = await all(
        checks,
        async (check) =>
          `when ${await print((check as SqlNode).when_expr)} then ${await print((check as SqlNode).then_expr)}`,
      );
      return `(case ${parts.join(" ")} else ${await print(node.else_expr)} end)`;
    }
    case "CAST":
      return printCast(printer, node, scope);
    case "OPERATOR":
      return printOperator(printer, node, scope);
    case "FUNCTION":
      return printCall(printer, node, scope);
    case "WINDOW":
      return printWindow(printer, node, scope);
    case "SUBQUERY":
      return printSubquery(printer, node, scope);
    case "LAMBDA": {
      const { column_names: names } = node.lhs as SqlNode;
      return `${(names as string[]).map(identifier).join(", ")} -> ${await print(node.expr)}`;
    }
    case "STAR":
      throw notInSpark("columns()", "Name the columns.");
    case "POSITIONAL_REFERENCE":
      throw notInSpark(`#${node.index}`, "Name the column.");
    case "COLLATE":
      throw notInSpark("collate", "Compare lower(…) in its place.");
    default:
      return refuse(type);
  }
}

/** A list of expressions, each printed. */
export async function all(
  items: unknown,
  print: (item: unknown) => Promise<string>,
): Promise<string[]> {
  const printed: string[] = [];
  for (const item of (items ?? []) as unknown[]) printed.push(await print(item));
  return printed;
}

async function printCast(printer: Printer, node: SqlNode, scope: Scope): Promise<string> {
  const target = await castTarget(printer, node);
  const value = await printExpression(printer, node.child, scope);
  const type = sparkType(target);
  const word = node.try_cast ? "try_cast" : "cast";
  const kind = kindOf(await printer.binder.typeOf(node.child, scope));
  if (kindOf(target) === "text" && (isWrittenOtherwise(kind) || kind === "list")) {
    throw notInSpark(
      `a cast of ${kind} values to text`,
      "Cast them to DECIMAL(18, 6), or afterwards.",
    );
  }
  if (kindOf(target) === "whole") {
    // DuckDB rounds where Spark cuts off.
    if (kind === "float") return `${word}(bround(${value}, 0) as ${type})`;
    if (kind === "decimal") return `${word}(round(${value}, 0) as ${type})`;
  }
  return `${word}(${value} as ${type})`;
}

/** DuckDB's name of the type that a cast is to. */
async function castTarget(printer: Printer, node: SqlNode): Promise<string> {
  const known = await printer.binder.typeOf(
    { ...node, child: printer.nothing, try_cast: true, alias: "" },
    { ctes: [], from: printer.nowhere },
  );
  const { id } = node.cast_type as { id?: string };
  return known ?? String(id);
}

async function printOperator(printer: Printer, node: SqlNode, scope: Scope): Promise<string> {
  const print = (child: unknown) => printExpression(printer, child, scope);
  const children = node.children as SqlNode[];
  const [first = "", ...rest] = await all(children, print);
  const kind = async () => kindOf(await printer.binder.typeOf(children[0], scope));
  switch (node.type) {
    case "OPERATOR_NOT":
      return `(not ${first})`;
    case "OPERATOR_IS_NULL":
      return `(${first} is null)`;
    case "OPERATOR_IS_NOT_NULL":
      return `(${first} is not null)`;
    case "COMPARE_IN":
      return `(${first} in (${rest.join(", ")}))`;
    case "COMPARE_NOT_IN":
      return `(${first} not in (${rest.join(", ")}))`;
    case "OPERATOR_COALESCE":
      return `coalesce(${[first, ...rest].join(", ")})`;
    case "ARRAY_CONSTRUCTOR":
      return `array(${[first, ...rest].join(", ")})`;
    case "GROUPING_FUNCTION":
      return rest.length === 0
        ? `grouping(${first})`
        : `grouping_id(${[first, ...rest].join(", ")})`;
    case "STRUCT_EXTRACT": {
      const name = textOf(children[1]);
      return name === undefined
        ? refuse("a field by a computed name")
        : `${first}.${identifier(name)}`;
    }
    case "ARRAY_EXTRACT": {
      const name = textOf(children[1]);
      const found = await kind();
      if (found === "struct" && name !== undefined) return `${first}.${identifier(name)}`;
      if (found === "map") return `try_element_at(${first}, ${rest[0]})`;
      if (found === "list") return `try_element_at(${first}, cast(${rest[0]} as int))`;
      throw notInSpark("a letter of a text in brackets", "Write substr(text, place, 1).");
    }
    case "ARRAY_SLICE":
      throw notInSpark("a slice in brackets", "Write substr(text, from, length), or list_filter.");
    default:
      return refuse(String(node.type));
  }
}

const OPERATORS = new Set(["+", "-", "*", "%", "&", "|"]);

async function printCall(printer: Printer, node: SqlNode, scope: Scope): Promise<string> {
  const name = String(node.function_name).toLowerCase();
  const children = (node.children ?? []) as SqlNode[];
  const interval = name === "+" || name === "-" ? intervalOf(children[1]) : undefined;
  const args = await all(interval ? children.slice(0, 1) : children, (child) =>
    printExpression(printer, child, scope),
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
      if (pattern === undefined) return refuse("a field by a computed name");
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

/** Whether a call is of an aggregate that is known here. */
export function isAggregate(node: SqlNode): boolean {
  const name = String(node.function_name).toLowerCase();
  return node.class === "FUNCTION" && (Object.hasOwn(AGGREGATES, name) || LISTS.has(name));
}

const LISTS = new Set(["list", "array_agg", "string_agg", "group_concat", "listagg"]);

async function filterOf(printer: Printer, node: SqlNode, scope: Scope): Promise<string> {
  if (!node.filter) return "";
  return ` filter (where ${await printExpression(printer, node.filter, scope)})`;
}

function plusMinus(
  sign: string,
  [left = "", right]: string[],
  [a, b]: (Kind | undefined)[],
  interval: string | undefined,
): string {
  if (interval && (a === "date" || a === "time")) {
    // DuckDB makes a timestamp of a date and an interval.
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
  const count = constant(value).replace(/^'|'$/g, "");
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
  return (await printExpression(printer, order.expression, scope)) === value;
}

async function printSubquery(printer: Printer, node: SqlNode, scope: Scope): Promise<string> {
  const { node: inner } = node.subquery as { node: SqlNode };
  const query = await printer.print(inner, scope.ctes, false);
  switch (node.subquery_type) {
    case "SCALAR":
      return `(${query})`;
    case "EXISTS":
      return `exists (${query})`;
    case "NOT_EXISTS":
      return `(not exists (${query}))`;
    case "ANY":
      if (node.comparison_type !== "COMPARE_EQUAL") break;
      return `(${await printExpression(printer, node.child, scope)} in (${query}))`;
  }
  throw notInSpark("any or all of a subquery", "Compare with the largest or smallest of it.");
}

function refuse(what: string): never {
  const words = what
    .toLowerCase()
    .replace(/^(operator|compare)_/, "")
    .replaceAll("_", " ");
  throw notInSpark(words, "Write it in another way.");
}
