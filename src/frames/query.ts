import type { DataFrame } from "./danfo/danfo-module.ts";
import { makeFrame } from "./danfo/lazy-frame.ts";
import { loadDanfo } from "./danfo/load-danfo.ts";
import { type LakeFiles, refuseNoLake } from "./lake-files.ts";
import { type TableOptions, withTables } from "./lake-tables.ts";
import { refuseBytes } from "./query-plan.ts";
import { fetchColumns } from "./read/values/fetch-columns.ts";
import { withEngine } from "./sql/engine.ts";
import type { Parameters } from "./sql/sql-parameters.ts";

/** Tables, parameters and limits of a statement. */
export interface QueryOptions extends TableOptions {
  /**
   * Values for `?` (a list) or `$name` (an object) in the statement, Dates and lists among them:
   * `where day > ? and list_contains(?, carrier)`.
   */
  parameters?: Parameters;
  /** Refuse a result of more rows than this. Default 10,000,000. */
  maxRows?: number;
  /** Refuse to download more bytes than this. Default: no limit. */
  maxBytes?: number;
}

const MAX_ROWS = 10_000_000;
const FEWER = "Narrow the patterns down, or name partitions in the conditions.";

/**
 * Runs a `select` statement in DuckDB's SQL over files of a lake, such as
 * `select origin, count(*) as flights from 'flights/**\/*.parquet' where month = 1 group by origin`.
 *
 * A path, a folder or a pattern in quotes is a table; so is each of `options.frames`. Files are
 * brought to this machine and cached by their etag. Work that does not fit memory goes to disk.
 *
 * @returns the result as a Danfo DataFrame, with the values as `loadFrame` has them
 * @throws FrameError `BAD_SQL`, `NO_TABLE`, `NO_FILES`, `TOO_LARGE`, `BAD_ROW` and so on; LakeError
 */
export async function query(
  lake: LakeFiles,
  sql: string,
  options: QueryOptions = {},
): Promise<DataFrame> {
  refuseNoLake(lake, "query", "\"from 'sales.csv'\"");
  const danfo = loadDanfo();
  const { parameters, maxRows = MAX_ROWS, maxBytes = Infinity, signal } = options;
  const statement = sql.trim().replace(/;+$/, "");
  const result = await withEngine(
    (engine) =>
      withTables(
        engine,
        lake,
        statement,
        options,
        (resolved) => fetchColumns(engine, resolved, maxRows, parameters),
        (entries) => refuseBytes(entries, maxBytes, FEWER),
      ),
    signal,
  );
  return makeFrame(await danfo, result);
}
