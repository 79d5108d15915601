import { FrameError } from "../../core/errors.ts";
import { runAll } from "../../core/run-all.ts";
import type { DataFrame } from "../danfo/danfo-module.ts";
import { makeFrame } from "../danfo/lazy-frame.ts";
import { loadDanfo } from "../danfo/load-danfo.ts";
import { type LakeFiles, refuseNoLake } from "../lake-files.ts";
import { fetchColumns } from "../read/values/fetch-columns.ts";
import { literal, withEngine } from "../sql/engine.ts";
import type { CommitInfo } from "./delta-actions.ts";
import { listLog, sortLog } from "./log-files.ts";
import { readActions } from "./read-actions.ts";

/** How far back to look. */
export interface HistoryOptions {
  /** Number of versions, from the newest. Default: all that the log has. */
  limit?: number;
  signal?: AbortSignal | undefined;
}

const COMMITS_AT_ONCE = 8;

/**
 * What was done to a Delta table, the newest version first: `version`, `timestamp`, `operation`,
 * and as JSON texts `operationParameters` and `operationMetrics`; `engineInfo` is who did it. A
 * version that is listed is read by `loadFrame(lake, place, { version })`, as long as no engine has
 * vacuumed its files.
 *
 * @param lake what `openLake` opened, or `openFolder` for files of this machine
 * @param place folder of the table
 * @param options how many versions to tell
 * @throws FrameError `NO_TABLE`; LakeError
 * @example
 * await describeHistory(lake, "tables/sales", { limit: 10 });
 */
export async function describeHistory(
  lake: LakeFiles,
  place: string,
  options: HistoryOptions = {},
): Promise<DataFrame> {
  const { limit = Infinity, signal } = options;
  refuseNoLake(lake, "describeHistory", '"tables/sales"');
  const danfo = loadDanfo();
  const folder = (await lake.stat(place, { signal })).path;
  const { commits } = sortLog(folder, await listLog(lake, folder, signal));
  if (commits.size === 0) {
    throw new FrameError("NO_TABLE", `${place} is no Delta table`, {
      hint: "A Delta table is a folder with a folder _delta_log in it.",
    });
  }
  const newest = [...commits].sort(([a], [b]) => b - a).slice(0, limit);
  const rows: string[] = [];
  const read = async ([version, entry]: (typeof newest)[number], signal: AbortSignal) => {
    const actions = await readActions(lake, entry, signal);
    const info = actions.find(({ commitInfo }) => commitInfo)?.commitInfo ?? {};
    rows.push(rowOf(version, info, entry.modified));
  };
  await runAll(newest, COMMITS_AT_ONCE, read, signal);
  const sql = `select version::int as version, make_timestamp(ms::bigint * 1000) as timestamp,
      * exclude (version, ms) from (values ${rows.join(", ")}) as history(version, ms, operation,
      "operationParameters", "operationMetrics", "engineInfo") order by version desc`;
  const columns = await withEngine((engine) => fetchColumns(engine, sql, Infinity), signal);
  return makeFrame(await danfo, columns);
}

function rowOf(version: number, info: CommitInfo, modified: Date): string {
  const time = info.inCommitTimestamp ?? info.timestamp ?? modified.getTime();
  const text = (value: unknown) =>
    value === undefined || value === null
      ? "null::varchar"
      : literal(typeof value === "string" ? value : JSON.stringify(value));
  const { operation, operationParameters, operationMetrics, engineInfo } = info;
  const texts = [operation, operationParameters, operationMetrics, engineInfo].map(text);
  return `(${[version, Number(time), ...texts].join(", ")})`;
}
