import { cellSignal } from "../core/cell.ts";
import type { DataFrame } from "../frames/danfo/danfo-module.ts";
import { showFramesWith } from "../frames/danfo/display-hook.ts";
import type { LakeFiles } from "../frames/lake-files.ts";
import { type LoadFrameOptions, loadFrame as load } from "../frames/load-frame.ts";
import { type QueryOptions, query as run } from "../frames/query.ts";
import { planQuery, planText, type QueryPlan } from "../frames/query-plan.ts";
import { type Displayable, shownAs } from "../show/display.ts";
import { showProgress } from "../show/progress-display.ts";
import { frameTable } from "../show/table/frame-table.ts";

// A cell that ends in a dataframe shows it as a table.
showFramesWith(frameTable);

/**
 * Loads files of a lake into a Danfo DataFrame: CSV, JSON, Parquet, Arrow IPC, Excel sheets. The
 * cell shows how far it is, and interrupting it cancels the load.
 *
 * Values arrive as they are in the files. Folders named `key=value` become columns, and files that
 * `where` rules out by them are never downloaded.
 *
 * @param lake what `openLake` opened, or `openFolder` for files of this machine
 * @param place path, folder or glob of files that belong together, or folder of a Delta table
 * @param options which columns and rows, how the files are to be read, and how much is too much
 * @throws FrameError `NO_FILES`, `NO_COLUMN`, `TOO_LARGE`, `BAD_ROW`, `BAD_FILE`, `BAD_SQL`,
 *   `NO_SHEET`, `UNKNOWN_TYPE` and others; LakeError
 * @example
 * const lake = openLake("raw");
 * const flights = await loadFrame(lake, "flights/**\/*.parquet", { where: "month = 1" });
 */
export async function loadFrame(
  lake: LakeFiles,
  place: string,
  options: LoadFrameOptions = {},
): Promise<DataFrame> {
  return shown<LoadFrameOptions>(place, options, (wired) => load(lake, place, wired));
}

/**
 * Runs a `select` statement in DuckDB's SQL over files of a lake; `query.plan` says what it would cost.
 *
 * @function
 */
export const query: Query = Object.assign(
  (lake: LakeFiles, sql: string, options: QueryOptions = {}) =>
    shown<QueryOptions>("query", options, (wired) => run(lake, sql, wired)),
  { plan },
);

/** `query`, and `query.plan`. */
export interface Query {
  /**
   * Runs a `select` statement in DuckDB's SQL over files of a lake. The cell shows how far it is, and
   * interrupting it cancels the query.
   *
   * A path, a folder or a pattern in quotes is a table; so is each of `options.frames`. DuckDB's
   * `read_csv`, `read_parquet`, `read_json`, `read_xlsx`, `delta_scan` and `glob` take paths of the
   * lake, and `filename` is the path of the file that a row is from. Work that does not fit memory
   * goes to disk.
   *
   * @param lake what `openLake` opened, or `openFolder` for files of this machine
   * @param sql one statement; paths of tables stand in quotes
   * @param options dataframes to name, values of parameters, and how much is too much
   * @returns the result as a Danfo DataFrame, with the values as `loadFrame` has them
   * @throws FrameError `BAD_SQL`, `NO_TABLE`, `NO_FILES`, `TOO_LARGE`, `BAD_ROW` and others; LakeError
   * @example
   * await query(lake, "select origin, count(*) as flights from 'flights/**\/*.parquet' group by origin");
   * await query(lake, "select filename, count(*) as n from read_csv(['penguins/*.csv'], delim = ',') group by all");
   * await query(openFolder("."), "pivot 'sales.csv' on year using sum(amount)");
   */
  (lake: LakeFiles, sql: string, options?: QueryOptions): Promise<DataFrame>;
  /**
   * Says which files a statement would bring to this machine, and how many bytes, without bringing
   * them. Where they are too many, `connectSpark` of `notelake/spark` has a cluster read them.
   *
   * @throws FrameError `BAD_SQL`, `NO_TABLE`, `NO_FILES` and others; LakeError
   * @example
   * await query.plan(lake, "select count(*) from 'flights/**\/*.parquet' where month = 1");
   */
  plan(lake: LakeFiles, sql: string, options?: QueryOptions): Promise<QueryPlan & Displayable>;
}

async function plan(
  lake: LakeFiles,
  sql: string,
  options: QueryOptions = {},
): Promise<QueryPlan & Displayable> {
  const signal = cellSignal();
  const plan = await planQuery(lake, sql, { ...(signal && { signal }), ...options });
  return shownAs(plan, () => ({ "text/plain": planText(plan) }));
}

async function shown<Options extends Pick<LoadFrameOptions, "signal" | "onProgress">>(
  what: string,
  options: Options,
  work: (options: Options) => Promise<DataFrame>,
): Promise<DataFrame> {
  const signal = cellSignal();
  // No progress in stored outputs, as durations vary.
  const progress = process.env.NOTELAKE_HEADLESS ? undefined : showProgress(what);
  try {
    const frame = await work({
      signal,
      ...(progress && { onProgress: progress.report }),
      ...options,
    });
    progress?.done();
    return frame;
  } catch (error) {
    progress?.fail();
    throw error;
  }
}
