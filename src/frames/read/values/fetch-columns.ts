import { FrameError } from "../../../core/errors.ts";
import { prepareColumns } from "../../sql/describe-columns.ts";
import type { Engine } from "../../sql/engine.ts";
import { type Parameters, withParameters } from "../../sql/sql-parameters.ts";
import { EnginePart } from "./engine-part.ts";
import { EngineColumn, type FrameColumn } from "./frame-column.ts";
import { asPlain } from "./plain-sql.ts";

/** The columns of a result, all of the same length. */
export interface Columns {
  readonly rows: number;
  readonly columns: readonly FrameColumn[];
}

/**
 * Runs a query and keeps its result in memory.
 *
 * @throws FrameError `TOO_LARGE` when it has more than `maxRows` rows
 */
export async function fetchColumns(
  engine: Engine,
  sql: string,
  maxRows: number,
  parameters?: Parameters,
): Promise<Columns> {
  if (parameters) {
    return fetchColumns(engine, `from ${await withParameters(engine, sql, parameters)}`, maxRows);
  }
  const types = await prepareColumns(engine, sql);
  const names = distinct(types.map(({ name }) => name));
  const plain = types.map(({ type }, index) => `${asPlain(`c${index}`, type)} as c${index}`);
  const aliases = types.map((_, index) => `c${index}`).join(", ");
  const result = await engine.stream(
    `select ${plain.join(", ")} from (${sql}\n) as result(${aliases})`,
  );
  const typeIds = types.map((_, index) => result.columnTypeId(index));
  const columns = types.map(
    ({ type }, index) => new EngineColumn(names[index] ?? "", type, typeIds[index] ?? 0),
  );
  let rows = 0;
  let next = result.fetchChunk();
  for (let chunk = await next; chunk?.rowCount; chunk = await next) {
    rows += chunk.rowCount;
    if (rows > maxRows) throw tooLarge(maxRows);
    // The next rows are fetched in parallel.
    next = result.fetchChunk();
    for (const [index, column] of columns.entries()) {
      column.add(new EnginePart(chunk, index, typeIds[index] ?? 0));
    }
  }
  return { rows, columns };
}

/** Renames duplicate columns, which SQL allows and a dataframe does not. */
export function distinct(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const times = seen.get(name) ?? 0;
    seen.set(name, times + 1);
    return times === 0 ? name : `${name}_${times}`;
  });
}

function tooLarge(maxRows: number): FrameError {
  const limit = maxRows.toLocaleString("en");
  return new FrameError(
    "TOO_LARGE",
    `more than ${limit} rows, which is the limit for a dataframe`,
    {
      hint: "Take fewer: { columns, where, limit, sample }, or let query(lake, sql) sum them up. { maxRows } raises the limit.",
    },
  );
}
