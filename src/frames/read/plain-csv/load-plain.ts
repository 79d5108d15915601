import type { LakeEntry } from "../../../lake/lake.ts";
import { LoadTracker, type OnProgress } from "../../cache/load-progress.ts";
import { fetchOnce, type Once } from "../../cache/stage.ts";
import { partitionsOf } from "../../discover/hive-partitions.ts";
import type { LakeFiles } from "../../lake-files.ts";
import { formatOf } from "../file-format.ts";
import type { ReadOptions } from "../read-options.ts";
import type { Columns } from "../values/fetch-columns.ts";
import { ArrivingFile } from "./arriving-file.ts";
import { columnsOf } from "./csv-column.ts";
import type { PlainResult } from "./csv-part.ts";
import { readInThread } from "./csv-thread.ts";

// Of smaller files, the strict reading takes no longer than it takes to start a thread.
const SMALLEST = 2 * 2 ** 20;
/** All of the file is held in memory. */
const LARGEST = 2 ** 30;

export interface LoadPlainOptions {
  /** Names of the requested columns, in lower case. Default: all. */
  readonly requested?: ReadonlySet<string> | undefined;
  readonly delimiter?: string | undefined;
  readonly onProgress?: OnProgress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Whether the own reader may try a dataset: one CSV file, about which the options say nothing. */
export function mayBePlain(entries: readonly LakeEntry[], options: ReadOptions): boolean {
  const [entry, second] = entries;
  if (!entry || second || entry.size < SMALLEST || entry.size > LARGEST) return false;
  const { format, delimiter, schemas, maxUnpackedBytes, maxCells, sheet, ...others } = options;
  if (options.filename) return false;
  if (/\.(gz|gzip|zst|zstd)$/i.test(entry.path) || partitionsOf(entry.path).size > 0) return false;
  if ((format ?? formatOf(entry.path)) !== "csv") return false;
  const {
    encoding = "utf-8",
    quote = '"',
    header = true,
    skip = 0,
    decimal = ".",
    ...more
  } = others;
  const isUsual = encoding === "utf-8" && quote === '"' && header && skip === 0 && decimal === ".";
  return isUsual && FORMATS.every((name) => more[name] === undefined);
}

const FORMATS = [
  "nulls",
  "dateFormat",
  "timestampFormat",
  "types",
  "maxColumns",
  "maxLineBytes",
] as const;

/**
 * The columns of a CSV file that is written in the plainest way: they are parsed while the bytes
 * arrive, and the copy for later calls is written afterwards. Nothing where the strict reading has
 * to tell what is in the file, whose copy is there then.
 *
 * @throws FrameError `CHANGED`; LakeError
 */
export async function loadPlain(
  lake: LakeFiles,
  entry: LakeEntry,
  options: LoadPlainOptions,
): Promise<Columns | undefined> {
  const once = await fetchPlain(lake, entry, undefined, options);
  const fetched =
    "copy" in once ? await readCopy(entry, once.copy, undefined, options) : once.fetched;
  return fetched && columnsOf(fetched.result, fetched.arriving.bytes);
}

/**
 * Writes the requested columns of such a file to a Parquet file, which the engine reads sooner than it
 * would find out how the CSV file is written.
 *
 * @param parquet path of a file that is not there yet
 * @returns names of the columns; nothing where the strict reading has to tell what is in the file
 * @throws FrameError `CHANGED`; LakeError
 */
export async function plainToParquet(
  lake: LakeFiles,
  entry: LakeEntry,
  parquet: string,
  options: LoadPlainOptions,
): Promise<readonly string[] | undefined> {
  const once = await fetchPlain(lake, entry, parquet, options);
  if ("copy" in once) {
    const read = await readCopy(entry, once.copy, parquet, options);
    read?.arriving.release();
    return read?.result.names;
  }
  const { fetched, cached } = once;
  // All that is of use is in the Parquet file by then.
  if (fetched) cached.then(() => fetched.arriving.release()).catch(() => {});
  return fetched?.result.names;
}

/** What was read of a file, and the file. */
interface Fetched {
  readonly result: PlainResult;
  readonly arriving: ArrivingFile;
}

/** Parses a file while it arrives, unless a copy of it is here. */
async function fetchPlain(
  lake: LakeFiles,
  entry: LakeEntry,
  parquet: string | undefined,
  options: LoadPlainOptions,
): Promise<Once<Fetched>> {
  const { onProgress, signal } = options;
  const once = await fetchOnce(lake, entry, async () => {
    const tracker = new LoadTracker([entry], onProgress);
    tracker.report("download");
    const progress = tracker.file(entry);
    const arriving = new ArrivingFile(entry);
    const call = { ...arriving.call(), parquet, ...plainOptions(entry, options) };
    const reading = readInThread(call, signal);
    reading.catch(() => {}); // thrown where it is awaited
    await arriving.fetch(lake, progress.arrived, signal);
    progress.done(false);
    tracker.report("read");
    const result = await reading;
    return { fetched: result && { result, arriving }, content: arriving.content };
  });
  // The strict reading reads the copy.
  if (!("copy" in once) && !once.fetched) await once.cached;
  return once;
}

/** Parses a file of which a copy is here. */
async function readCopy(
  entry: LakeEntry,
  copy: string,
  parquet: string | undefined,
  options: LoadPlainOptions,
): Promise<Fetched | undefined> {
  const tracker = new LoadTracker([entry], options.onProgress);
  tracker.report("download");
  tracker.file(entry).done(true);
  tracker.report("read");
  const arriving = new ArrivingFile(entry);
  const call = { ...arriving.call(copy), parquet, ...plainOptions(entry, options) };
  const result = await readInThread(call, options.signal);
  return result && { result, arriving };
}

function plainOptions({ path }: LakeEntry, { delimiter, requested }: LoadPlainOptions) {
  return { delimiter: delimiter ?? delimiterOf(path), requested };
}

function delimiterOf(path: string): string | undefined {
  return /\.(tsv|tab)$/i.test(path) ? "\t" : undefined;
}
