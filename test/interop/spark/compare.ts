import { SparkError } from "../../../src/core/errors.ts";
import type { DataFrame } from "../../../src/frames/danfo/danfo-module.ts";
import type { LakeFiles } from "../../../src/frames/lake-files.ts";
import { query } from "../../../src/frames/query.ts";
import { toSparkSql } from "../../../src/spark/to-spark-sql.ts";
import { QUERIES } from "./queries.ts";

/** What runs a statement in Spark's SQL. */
export type RunSpark = (sql: string) => Promise<DataFrame>;

/** How a query came out. */
export interface Outcome {
  readonly name: string;
  /** Undefined when both answered alike. */
  readonly difference?: string;
  readonly rows: number;
  readonly milliseconds: { readonly here: number; readonly there: number };
}

/** Runs queries here, with DuckDB, and there, and compares the answers. */
export async function compareAll(
  lake: LakeFiles,
  run: RunSpark,
  names: readonly string[],
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const name of names) outcomes.push(await compare(lake, run, name, QUERIES[name] ?? ""));
  return outcomes;
}

async function compare(
  lake: LakeFiles,
  run: RunSpark,
  name: string,
  sql: string,
): Promise<Outcome> {
  const started = performance.now();
  const expected = await query(lake, sql);
  const here = performance.now() - started;
  let text = sql;
  try {
    const translated = await toSparkSql(lake, sql);
    text = [...(translated.setup ?? []), translated.sql].join(";\n");
    for (const statement of translated.setup ?? []) await run(statement);
    const found = await run(translated.sql);
    const there = performance.now() - started - here;
    const difference = differenceOf(expected, found);
    return {
      name,
      rows: expected.shape[0] ?? 0,
      milliseconds: { here, there },
      ...(difference && { difference: `${difference}\n${text}` }),
    };
  } catch (error) {
    const said = error instanceof SparkError ? String(error) : ((error as Error).stack ?? "");
    const there = performance.now() - started - here;
    return { name, rows: 0, milliseconds: { here, there }, difference: `${said}\n${text}` };
  }
}

/** Where two answers differ; undefined where they are alike. */
export function differenceOf(expected: DataFrame, found: DataFrame): string | undefined {
  const [columns, others] = [expected.columns.join(), found.columns.join()];
  if (columns !== others) return `columns ${columns}, and there ${others}`;
  const [rows, there] = [expected.values as unknown[][], found.values as unknown[][]];
  if (rows.length !== there.length) return `${rows.length} rows, and there ${there.length}`;
  for (const [index, row] of rows.entries()) {
    const other = there[index] ?? [];
    const at = row.findIndex((value, column) => !isSame(value, other[column]));
    if (at < 0) continue;
    const [a, b] = [row[at], other[at]].map(told);
    return `row ${index}, ${expected.columns[at]}: ${a}, and there ${b}`;
  }
  return undefined;
}

function told(value: unknown): string {
  const text = typeof value === "number" ? String(value) : JSON.stringify(value);
  return `${typeof value} ${text}`;
}

/** Doubles that were added up in another order differ in their last digits; nothing else may. */
function isSame(a: unknown, b: unknown): boolean {
  if (typeof a === "number" && typeof b === "number") {
    if (Number.isInteger(a) && Number.isInteger(b)) return a === b;
    return Object.is(a, b) || Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
  }
  if (a instanceof Date || b instanceof Date) {
    return a instanceof Date && b instanceof Date && a.getTime() === b.getTime();
  }
  return Object.is(a, b) || (a === 0 && b === 0);
}
