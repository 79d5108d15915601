import { type Listing, listingOf } from "../core/listing.ts";
import type { LakeCallOptions, LakeEntry } from "../lake/lake.ts";
import { columnsOfFile } from "./describe-place.ts";
import { type LakeFiles, refuseNoLake } from "./lake-files.ts";
import { formatOf } from "./read/file-format.ts";
import { withEngine } from "./sql/engine.ts";

/** A column of a file. */
export interface FileColumn {
  /** Path of the file. */
  readonly path: string;
  /** Undefined where `problem` says why. */
  readonly column: string | undefined;
  /** SQL type: `VARCHAR`, `BIGINT`, `TIMESTAMP`. */
  readonly type: string | undefined;
  /** Why the columns of the file are not known. */
  readonly problem: string | undefined;
}

export interface ListColumnsOptions extends LakeCallOptions {
  /** Only columns of this name, whatever its case: the files that have it. */
  column?: string;
}

const FILES_AT_ONCE = 8;

/**
 * The columns of files, without reading them: only the footer of a Parquet file is fetched, and the
 * first 16 KiB of CSV and JSON. Files of other formats are left out, and so are those whose name, or
 * whose folder's, begins with `_` or `.`.
 *
 * @param lake what `openLake` opened, or `openFolder` for files of this machine
 * @param pattern path, folder or glob, as `list` takes it
 * @param options `column`: only the files that have it
 * @throws FrameError `NO_LAKE`; LakeError
 * @example
 * listColumns(lake, "sales/**");                       // a row a column
 * listColumns(lake, "**", { column: "tail_number" });  // files that have it
 */
export function listColumns(
  lake: LakeFiles,
  pattern = "**",
  options: ListColumnsOptions = {},
): Listing<FileColumn> {
  const { column, signal } = options;
  refuseNoLake(lake, "listColumns", '"**"');
  const requested = column?.toLowerCase();
  const facts = { what: `columns of ${pattern} in ${lake.url}`, noun: "column" };
  const listing = listingOf(facts, () => columnsBelow(lake, pattern, signal));
  if (requested === undefined) return listing;
  return listing.filter(
    ({ column: name, problem }) => problem !== undefined || name?.toLowerCase() === requested,
  );
}

async function* columnsBelow(
  lake: LakeFiles,
  pattern: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<FileColumn> {
  const leaving = new AbortController();
  const inner = AbortSignal.any(signal ? [signal, leaving.signal] : [leaving.signal]);
  const pending: Promise<readonly FileColumn[]>[] = [];
  try {
    for await (const entry of lake.list(pattern, { signal: inner })) {
      if (entry.kind === "directory" || !isData(entry.path)) continue;
      const columns = columnsOf(lake, entry, inner);
      columns.catch(() => {}); // awaited below
      pending.push(columns);
      if (pending.length >= FILES_AT_ONCE) yield* (await pending.shift()) ?? [];
    }
    for (const columns of pending) yield* await columns;
  } finally {
    leaving.abort();
  }
}

async function columnsOf(
  lake: LakeFiles,
  entry: LakeEntry,
  signal: AbortSignal,
): Promise<readonly FileColumn[]> {
  const { path } = entry;
  try {
    const columns = await withEngine(
      (engine) => columnsOfFile(engine, lake, entry, signal),
      signal,
    );
    return columns.map(({ name, type }) => ({ path, column: name, type, problem: undefined }));
  } catch (error) {
    const { name, message } = error as Error;
    // A file that cannot be read does not end the list.
    if (name !== "FrameError") throw error;
    return [{ path, column: undefined, type: undefined, problem: problemIn(message, path) }];
  }
}

/** The first line of a message, without the path, which is in the same row. */
function problemIn(message: string, path: string): string {
  const [first = ""] = message.split("\n");
  return first.startsWith(path) ? first.slice(path.length).replace(/^,? /, "") : first;
}

function isData(path: string): boolean {
  if (path.split("/").some((name) => /^[._]/.test(name) && !name.includes("="))) return false;
  try {
    const format = formatOf(path);
    return format !== "arrow" && format !== "excel";
  } catch {
    return false;
  }
}
