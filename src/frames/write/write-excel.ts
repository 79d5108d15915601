import { FrameError } from "../../core/errors.ts";
import { runInThread } from "../read/parse-thread.ts";
import { fetchColumns } from "../read/values/fetch-columns.ts";
import type { Engine } from "../sql/engine.ts";

/** The bounds of a sheet; see "Excel specifications and limits". */
const MOST_ROWS = 1_048_575;
const MOST_COLUMNS = 16_384;

/**
 * Writes a result as a workbook of one sheet. Text is text, though it looks like a formula; null and
 * NaN are empty cells. Numbers that a double does not hold are text, as they are in a dataframe.
 *
 * @throws FrameError `TOO_LARGE`, `BAD_COLUMN` for what no cell can hold
 */
export async function writeExcel(
  engine: Engine,
  sql: string,
  localFile: string,
  signal?: AbortSignal,
): Promise<void> {
  const { rows, columns } = await fetchColumns(engine, sql, MOST_ROWS);
  if (columns.length > MOST_COLUMNS) {
    throw new FrameError("TOO_LARGE", `${columns.length} columns, and a sheet has ${MOST_COLUMNS}`);
  }
  const written = columns.map(({ name, kind, values }) => ({ name, kind, values }));
  await runInThread({ kind: "workbook", localFile, rows, columns: written }, signal);
}
