import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { LakeError } from "../../core/errors.ts";
import { runAll } from "../../core/run-all.ts";
import { ignoreNotFound } from "../explain-failure.ts";
import type { RetryPolicy } from "../http/retry.ts";
import type { LakeEntry, SyncOptions } from "../lake.ts";
import { listBelow } from "../list/list-glob.ts";
import { type LocalEntry, listTree, statLocal } from "../local/local-entries.ts";
import { onDisk } from "../local/local-failure.ts";
import { readRange } from "../read-range.ts";
import type { Store } from "../store.ts";
import { checkPath, joinPath, nameOf, quote } from "../url/location.ts";
import { type Differs, isLater, isNotEarlier, type SyncEntry } from "./sync-plan.ts";

/** A folder of this machine and a directory of a lake. */
export interface SyncSides {
  readonly store: Store;
  readonly retryPolicy: RetryPolicy;
  readonly localPath: string;
  /** Path of the directory in the lake; empty for its root. */
  readonly path: string;
}

/** Files whose MD5 is asked for or computed at once. */
const PARALLEL = 8;
/** Temporary names of uploads, which are not synced. */
const UNDER_WAY =
  /^\..+\.[0-9a-f]{12}\.[0-9a-f]{12}\.part$|^\..+\.[0-9a-f]{8}-[0-9a-f-]{27}\.part$/;

/** All that lies in the local folder. @throws LakeError `LOCAL_FILE` */
export async function localSide(
  { localPath }: SyncSides,
  mustExist: boolean,
): Promise<LocalEntry[]> {
  const there = await statLocal(localPath);
  if (there?.kind === "directory") return listTree(localPath);
  if (!there && !mustExist) return [];
  const what = there ? `${localPath} is a file, not a folder` : `there is no folder ${localPath}`;
  throw new LakeError("LOCAL_FILE", what, {
    hint: "Folders are synced; upload and download copy single files.",
  });
}

/** An entry of the lake, by its path from the directory that is synced. */
export interface RemoteEntry extends SyncEntry {
  readonly entry: LakeEntry;
}

/** All that lies in the directory of the lake, except uploads in progress; undefined when it does not exist. */
export async function remoteSide(
  { store, path }: SyncSides,
  mustExist: boolean,
  signal: AbortSignal | undefined,
): Promise<RemoteEntry[] | undefined> {
  if (path) {
    const there = mustExist
      ? await store.stat(path, signal)
      : await store.stat(path, signal).catch(ignoreNotFound);
    if (!there) return undefined;
    if (there.kind === "file") {
      throw new LakeError("CONFLICT", `${path} is a file, not a directory`, {
        hint: "Directories are synced; upload and download copy single files.",
      });
    }
  }
  const entries: RemoteEntry[] = [];
  const start = path ? path.length + 1 : 0;
  for await (const entry of listBelow(store, path, signal)) {
    if (UNDER_WAY.test(nameOf(entry.path))) continue;
    const { kind, size, modified } = entry;
    entries.push({
      path: entry.path.slice(start),
      kind,
      size,
      modified: modified.getTime(),
      entry,
    });
  }
  return entries;
}

/** Refuses names of this machine that the lake cannot have. @throws LakeError `BAD_PATH` */
export function refuseNames(path: string, entries: readonly LocalEntry[]): void {
  for (const entry of entries) {
    // U+FFFD stands for bytes that are not UTF-8.
    const isUnicode = !entry.path.includes("\ufffd");
    if (isUnicode && checkPath(joinPath(path, entry.path)) === joinPath(path, entry.path)) continue;
    throw new LakeError("BAD_PATH", `${quote(entry.path)} cannot be a name in the lake`, {
      hint: "Nothing was sent. Give it another name.",
    });
  }
}

/** How files of equal size are compared. */
export async function compareBy(
  sides: SyncSides,
  { source, target, up }: Comparison,
  { compare = "time", signal }: SyncOptions,
): Promise<Differs> {
  if (compare === "time") return up ? isNotEarlier : isLater;
  const there = new Map(target.map((entry) => [entry.path, entry]));
  const different = new Set<string>();
  const alike = source.filter(({ path, kind, size }) => {
    const other = there.get(path);
    return kind === "file" && other?.kind === "file" && other.size === size;
  });
  await runAll(
    alike,
    PARALLEL,
    async (mine, inner) => {
      const other = there.get(mine.path);
      const [local, remote] = up ? [mine, other] : [other, mine];
      const { localPath } = local as LocalEntry;
      const { entry } = remote as RemoteEntry;
      const [here, inLake] = await Promise.all([
        localMd5(localPath, inner),
        remoteMd5(sides, entry, inner),
      ]);
      if (here !== inLake) different.add(mine.path);
    },
    signal,
  );
  return ({ path }) => (different.has(path) ? "MD5" : undefined);
}

/** Both sides of a sync. */
interface Comparison {
  readonly source: readonly SyncEntry[];
  readonly target: readonly SyncEntry[];
  /** Whether the source is the local folder. */
  readonly up: boolean;
}

async function localMd5(localPath: string, signal: AbortSignal): Promise<string> {
  const hash = createHash("md5");
  await onDisk(localPath, () => pipeline(createReadStream(localPath), hash, { signal }));
  return hash.digest("base64");
}

async function remoteMd5(
  { store, retryPolicy }: SyncSides,
  { path, etag }: LakeEntry,
  signal: AbortSignal,
): Promise<string> {
  const kept = await store.md5?.(path, signal);
  if (kept) return kept;
  const hash = createHash("md5");
  const receive = (bytes: Uint8Array) => void hash.update(bytes);
  await readRange(store, path, { offset: 0, etag }, receive, { retryPolicy, signal });
  return hash.digest("base64");
}
