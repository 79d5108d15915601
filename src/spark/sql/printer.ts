import type { SqlNode } from "../../frames/sql/parse-tree.ts";
import type { Binder, Scope } from "./binder.ts";

/**
 * What those who print a part of a statement in Spark's SQL are given: a subquery stands in an
 * expression, and an expression in a `select`, so each prints the others through this.
 */
export interface Printer {
  readonly binder: Binder;
  /** What Spark calls a table of the statement that no `with` names: quoted. */
  readonly tableName: (name: string) => string;
  /** A null, and a `from` of nothing. */
  readonly nothing: unknown;
  readonly nowhere: unknown;
  /**
   * A `select`, or several that are united.
   *
   * @param ctes entries of the `with` clauses around it
   * @param isNamed whether columns have to get the names that they have in DuckDB
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
