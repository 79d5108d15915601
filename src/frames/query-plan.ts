import { FrameError } from "../core/errors.ts";
import { bytesText } from "../core/quantity-text.ts";
import { cachedBytes } from "./cache/stage.ts";
import { type LakeFiles, refuseNoLake } from "./lake-files.ts";
import { findTables, type TableOptions } from "./lake-tables.ts";
import { withEngine } from "./sql/engine.ts";

/** Cost of reading one table of a statement. */
export interface TablePlan {
  /** The path or pattern, as it stands in the statement. */
  readonly place: string;
  /** Files that its conditions do not rule out. */
  readonly files: number;
  /** Bytes of them. */
  readonly bytes: number;
  /** Bytes of them that are in the cache. */
  readonly cachedBytes: number;
}

/** Cost of a statement on this machine. */
export interface QueryPlan {
  readonly files: number;
  readonly bytes: number;
  /** Bytes to download. Of large Parquet files it may be less: the columns it needs. */
  readonly bytesToMove: number;
  readonly tables: readonly TablePlan[];
}

/**
 * What `query` would download for a statement, without downloading it: files are listed, and the
 * logs of Delta tables read.
 *
 * @throws FrameError `BAD_SQL`, `NO_TABLE`, `NO_FILES` and so on; LakeError
 */
export function planQuery(
  lake: LakeFiles,
  sql: string,
  options: TableOptions = {},
): Promise<QueryPlan> {
  refuseNoLake(lake, "query.plan", "\"from 'sales.csv'\"");
  const statement = sql.trim().replace(/;+$/, "");
  return withEngine(async (engine) => {
    const { tables: located } = await findTables(engine, lake, statement, options);
    const tables: TablePlan[] = [];
    for (const { places, dataset, requested } of located) {
      const { entries } = dataset;
      const bytes = entries.reduce((sum, { size }) => sum + size, 0);
      const cached = await cachedBytes(lake, entries, requested);
      tables.push({ place: places.join(", "), files: entries.length, bytes, cachedBytes: cached });
    }
    const sum = (of: (table: TablePlan) => number) =>
      tables.reduce((total, table) => total + of(table), 0);
    return {
      files: sum(({ files }) => files),
      bytes: sum(({ bytes }) => bytes),
      bytesToMove: sum(({ bytes, cachedBytes }) => bytes - cachedBytes),
      tables,
    };
  }, options.signal);
}

/** `12 files of 5.6 MB, 5.1 MB of which are not on this machine yet`, and a line for each table. */
export function planText({ files, bytes, bytesToMove, tables }: QueryPlan): string {
  const move =
    bytesToMove === 0
      ? "all of it on this machine already"
      : `of which ${bytesText(bytesToMove)} at most come to this machine`;
  const lines = tables.map(
    (table) => `  ${table.place}: ${counted(table.files)} of ${bytesText(table.bytes)}`,
  );
  return [`${counted(files)} of ${bytesText(bytes)}, ${move}`, ...lines].join("\n");
}

function counted(files: number): string {
  return files === 1 ? "1 file" : `${files} files`;
}

/**
 * Refuses to download more bytes than `limit`.
 *
 * @param instead what makes them fewer, for the hint
 * @throws FrameError `TOO_LARGE`
 */
export function refuseBytes(
  entries: readonly { readonly size: number }[],
  limit: number,
  instead: string,
): void {
  const bytes = entries.reduce((sum, { size }) => sum + size, 0);
  if (bytes <= limit) return;
  throw new FrameError(
    "TOO_LARGE",
    `${counted(entries.length)} of ${bytesText(bytes)} in all, the limit is ${bytesText(limit)}`,
    {
      hint: `${instead} { maxBytes } raises the limit.\nA cluster reads them where they are: spark.query(lake, sql), see \`npx notelake spark\`.`,
    },
  );
}
