import type { SqlNode } from "../../frames/sql/parse-tree.ts";
import type { Scope } from "./binder.ts";
import { printCall, printWindow } from "./print-call.ts";
import { printConstant, textOf } from "./print-constant.ts";
import { type Printer, printAll } from "./printer.ts";
import { identifier, notInSpark } from "./spark-dialect.ts";
import { isWrittenOtherwise } from "./spark-functions.ts";
import { kindOf, sparkType } from "./spark-types.ts";

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
 * An expression in Spark SQL.
 *
 * @throws SparkError `NOT_IN_SPARK`
 */
export async function printExpression(
  printer: Printer,
  expression: unknown,
  scope: Scope,
): Promise<string> {
  const node = expression as SqlNode;
  const print = (child: unknown) => printer.expression(child, scope);
  const type = String(node.type);
  switch (node.class) {
    case "COLUMN_REF":
      return (node.column_names as string[]).map(identifier).join(".");
    case "CONSTANT":
      return printConstant(node);
    case "PARAMETER": {
      const name = String(node.identifier);
      // Named, since an expression may be repeated in place of its alias.
      return /^\d+$/.test(name) ? `:p${name}` : `:${name}`;
    }
    case "COMPARISON": {
      const [left, right] = [await print(node.left), await print(node.right)];
      if (type === "COMPARE_DISTINCT_FROM") return `(not (${left} <=> ${right}))`;
      return `(${left} ${COMPARISONS[type] ?? refuse(type)} ${right})`;
    }
    case "CONJUNCTION": {
      const word = type === "CONJUNCTION_OR" ? " or " : " and ";
      return `(${(await printAll(node.children, print)).join(word)})`;
    }
    case "BETWEEN":
      return `(${await print(node.input)} between ${await print(node.lower)} and ${await print(node.upper)})`;
    case "CASE": {
      const checks = node.case_checks as SqlNode[];
      const parts = await printAll(
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

async function printCast(printer: Printer, node: SqlNode, scope: Scope): Promise<string> {
  const target = await castTarget(printer, node);
  const value = await printer.expression(node.child, scope);
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
    // DuckDB rounds, Spark truncates.
    if (kind === "float") return `${word}(bround(${value}, 0) as ${type})`;
    if (kind === "decimal") return `${word}(round(${value}, 0) as ${type})`;
  }
  return `${word}(${value} as ${type})`;
}

/** DuckDB's name of a cast's target type. */
async function castTarget(printer: Printer, node: SqlNode): Promise<string> {
  const known = await printer.binder.typeOf(
    { ...node, child: printer.nothing, try_cast: true, alias: "" },
    { ctes: [], from: printer.nowhere },
  );
  const { id } = node.cast_type as { id?: string };
  return known ?? String(id);
}

async function printOperator(printer: Printer, node: SqlNode, scope: Scope): Promise<string> {
  const print = (child: unknown) => printer.expression(child, scope);
  const children = node.children as SqlNode[];
  const [first = "", ...rest] = await printAll(children, print);
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
      const kindOfFirst = await kind();
      if (kindOfFirst === "struct" && name !== undefined) return `${first}.${identifier(name)}`;
      if (kindOfFirst === "map") return `try_element_at(${first}, ${rest[0]})`;
      if (kindOfFirst === "list") return `try_element_at(${first}, cast(${rest[0]} as int))`;
      throw notInSpark("a letter of a text in brackets", "Write substr(text, place, 1).");
    }
    case "ARRAY_SLICE":
      throw notInSpark("a slice in brackets", "Write substr(text, from, length), or list_filter.");
    default:
      return refuse(String(node.type));
  }
}

async function printSubquery(printer: Printer, node: SqlNode, scope: Scope): Promise<string> {
  const { node: inner } = node.subquery as { node: SqlNode };
  const query = await printer.select(inner, scope.ctes, false);
  switch (node.subquery_type) {
    case "SCALAR":
      return `(${query})`;
    case "EXISTS":
      return `exists (${query})`;
    case "NOT_EXISTS":
      return `(not exists (${query}))`;
    case "ANY":
      if (node.comparison_type !== "COMPARE_EQUAL") break;
      return `(${await printer.expression(node.child, scope)} in (${query}))`;
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
