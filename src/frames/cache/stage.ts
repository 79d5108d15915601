import { createHash } from "node:crypto";
import { utimes } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runAll } from "../../core/run-all.ts";
import type { LakeEntry } from "../../lake/lake.ts";
import { placeIn } from "../../lake/local/local-names.ts";
import type { LakeFiles } from "../lake-files.ts";
import type { Engine } from "../sql/engine.ts";
import { cachedSize, cacheFolder } from "./cache-folder.ts";
import { cacheLimit, keepWithinLimit } from "./cache-limit.ts";
import { fetchColumnChunks } from "./column-chunks.ts";
import { downloadCopy, withCopyLock, writeCopy } from "./download-copy.ts";
import { type FileTracker, LoadTracker, type OnProgress } from "./load-progress.ts";

/** A file of the lake and its copy on this machine. */
export interface StagedFile {
  readonly entry: LakeEntry;
  /** Ends with the file's path in the lake, so that `key=value` folders still read as such. */
  readonly localPath: string;
  /** Names, in lower case, of the columns that the copy is limited to. */
  readonly columns?: ReadonlySet<string> | undefined;
}

/** The columns that are requested of Parquet files. */
export interface RequestedColumns {
  readonly engine: Engine;
  /** In lower case; undefined for all. */
  readonly names: ReadonlySet<string> | undefined;
}

export interface StageOptions {
  onProgress?: OnProgress | undefined;
  signal?: AbortSignal | undefined;
  requested?: RequestedColumns | undefined;
}

const DOWNLOADS_AT_ONCE = 16;
// Of smaller files, all bytes take less time than requests for parts.
const SMALLEST_BY_COLUMN = 4 * 2 ** 20;

/**
 * Downloads files of a lake to the cache, several at a time. A copy is valid as long as the file
 * has the same ETag, and this machine was not restarted. Of a large Parquet file, only the
 * requested columns are fetched where that saves much. See `cacheFolder` and `keepWithinLimit`.
 */
export async function stage(
  lake: LakeFiles,
  entries: readonly LakeEntry[],
  options: StageOptions = {},
): Promise<StagedFile[]> {
  const tracker = new LoadTracker(entries, options.onProgress);
  const staged: StagedFile[] = [];
  let added = 0;
  const bring = async ([index, entry]: [number, LakeEntry], signal: AbortSignal) => {
    const file = tracker.file(entry);
    const work = () => stageOne(lake, entry, { ...options, signal }, file);
    const { cached, ...copy } = await withCopyLock(keyFolder(lake, entry), work);
    staged[index] = { entry, ...copy };
    file.done(cached);
    if (!cached) added += entry.size;
  };
  cacheLimit(); // fails before anything is downloaded
  tracker.report("download");
  await runAll(entries.entries(), DOWNLOADS_AT_ONCE, bring, options.signal);
  if (added > 0) {
    const inUse = staged.map(({ entry, columns }) => keyFolder(lake, entry, columns));
    await keepWithinLimit(added, new Set(inUse));
  }
  tracker.report("read");
  return staged;
}

/** Bytes of files that are in the cache. */
export async function cachedBytes(
  lake: LakeFiles,
  entries: readonly LakeEntry[],
  { names }: Pick<RequestedColumns, "names">,
): Promise<number> {
  let bytes = 0;
  for (const entry of entries) {
    const folders = [keyFolder(lake, entry), ...(names ? [keyFolder(lake, entry, names)] : [])];
    const sizes = await Promise.all(
      folders.map((folder) => cachedSize(placeIn(folder, entry.path))),
    );
    if (sizes.includes(entry.size)) bytes += entry.size;
  }
  return bytes;
}

interface Copy extends Omit<StagedFile, "entry"> {
  readonly cached: boolean;
}

async function stageOne(
  lake: LakeFiles,
  entry: LakeEntry,
  { signal, requested }: StageOptions,
  { arrived }: FileTracker,
): Promise<Copy> {
  const whole = keyFolder(lake, entry);
  const localPath = placeIn(whole, entry.path);
  if (await isCached(whole, entry)) return { localPath, cached: true };
  const columns = requested?.names;
  const byColumn = entry.size >= SMALLEST_BY_COLUMN && /\.(parquet|parq)$/i.test(entry.path);
  if (requested && columns && byColumn) {
    const folder = keyFolder(lake, entry, columns);
    const part = { localPath: placeIn(folder, entry.path), columns };
    if (await isCached(folder, entry)) return { ...part, cached: true };
    const { engine } = requested;
    const options = { columns, signal, onBytes: arrived };
    const isFetched = await fetchColumnChunks(engine, lake, entry, part.localPath, options);
    if (isFetched) return { ...part, cached: false };
    arrived(0);
  }
  await downloadCopy(lake, entry, whole, { onBytes: arrived, signal });
  return { localPath, cached: false };
}

/** Milliseconds for which a copy is not written yet: what needs the file goes first. */
const WRITTEN_AFTER_MS = 200;

/** Result of `fetchOnce`: the cached copy, or what was fetched and when it is cached. */
export type Once<T> =
  | { readonly copy: string }
  | { readonly fetched: T | undefined; readonly cached: Promise<void> };

/**
 * Fetches a file that is not in the cache, once at a time in this process: other callers wait for
 * the copy.
 *
 * @param fetch returns the bytes of the file, and what was made of them; nothing where only the copy
 *   will tell
 * @returns before the copy is written; `cached` throws LakeError `LOCAL_FILE` when it cannot be
 */
export function fetchOnce<T>(
  lake: LakeFiles,
  entry: LakeEntry,
  fetch: () => Promise<{ readonly fetched: T | undefined; readonly content: Uint8Array }>,
): Promise<Once<T>> {
  const folder = keyFolder(lake, entry);
  const copy = placeIn(folder, entry.path);
  const { promise, resolve, reject } = Promise.withResolvers<Once<T>>();
  const cached: Promise<void> = withCopyLock(folder, async () => {
    if (await isCached(folder, entry)) return resolve({ copy });
    const { fetched, content } = await fetch();
    resolve({ fetched, cached });
    if (fetched !== undefined) await sleep(WRITTEN_AFTER_MS);
    await writeCopy(copy, content);
    await keepWithinLimit(content.length, new Set([folder]));
  });
  cached.catch(reject); // without effect after `resolve`: the next call fetches again
  return promise;
}

/** Whether a folder has a complete copy of a file; marks it as used now. */
async function isCached(folder: string, entry: LakeEntry): Promise<boolean> {
  if ((await cachedSize(placeIn(folder, entry.path))) !== entry.size) return false;
  const now = new Date();
  await utimes(folder, now, now);
  return true;
}

function keyFolder(lake: LakeFiles, entry: LakeEntry, columns?: ReadonlySet<string>): string {
  const key = createHash("sha256").update(`${lake.url}\n${entry.path}\n${entry.etag}`);
  if (columns) key.update(JSON.stringify([...columns].sort()));
  return join(cacheFolder(), key.digest("hex").slice(0, 24));
}
