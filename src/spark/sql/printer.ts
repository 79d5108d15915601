import type { SqlNode } from "../../frames/sql/parse-tree.ts";
import type { Binder, Scope } from "./binder.ts";

/**
 * Context for the functions that print parts of a statement in Spark SQL. They call each other
 * through it, since a subquery may occur in an expression, and an expression in a `select`.
 */
export interface Printer {
  readonly binder: Binder;
  /** Quoted name in Spark of a table that is not defined by a `with` clause. */
  readonly tableName: (name: string) => string;
  /** Syntax trees of a null, and of an empty `from`. */
  readonly nothing: unknown;
  readonly nowhere: unknown;
  /**
   * A `select`, or a set operation.
   *
   * @param ctes entries of the enclosing `with` clauses
   * @param isNamed whether columns need the names that they have in DuckDB
   */
  select(node: SqlNode, ctes: readonly SqlNode[], isNamed: boolean): Promise<string>;
  expression(expression: unknown, scope: Scope): Promise<string>;
  /** `order by` items; nulls come last in DuckDB, whatever the direction. */
  orders(orders: readonly SqlNode[], scope: Scope): Promise<string[]>;
}

export async function printAll(
  items: unknown,
  print: (item: unknown) => Promise<string>,
): Promise<string[]> {
  const printed: string[] = [];
  for (const item of (items ?? []) as unknown[]) printed.push(await print(item));
  return printed;
}
