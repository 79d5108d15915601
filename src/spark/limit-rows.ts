import type { Plan } from "./spark-client.ts";

/** A relation on its way to a server. */
export type RelationInit = Extract<NonNullable<Plan["opType"]>, { case: "root" }>["value"];

/** Rows that Apache Spark's threads may each hold in memory to find the first ones of an order. */
const SORTED_MAX = 100_000;
const INT_MAX = 2 ** 31 - 1;

/**
 * A relation that ends one row after the most that are wanted, which is how it is seen that there
 * are more. Apache Spark collects a result before it sends the first of it, and dies of one that is
 * larger than its memory.
 *
 * Rows in an order are limited only where they are few: Spark finds the first ones of an order in
 * memory, with room for all that it is asked for, and sorts on disk what has no limit.
 *
 * @param statement what the relation was made from
 */
export function limitRows(
  relation: RelationInit,
  maxRows: number,
  statement: string,
): RelationInit {
  const limit = maxRows + 1;
  if (limit > (ORDERED.test(statement) ? SORTED_MAX : INT_MAX)) return relation;
  return { relType: { case: "limit", value: { input: relation, limit } } };
}

const ORDERED = /\b(order|sort|cluster)\s+by\b/i;
