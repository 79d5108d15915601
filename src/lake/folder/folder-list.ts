import type { Dirent } from "node:fs";
import { lstat, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { LakeError } from "../../core/errors.ts";
import type { GlobOptions, LakeEntry, LakeUsage } from "../lake.ts";
import { type Glob, parseGlob, withHidden } from "../list/glob.ts";
import { addUp } from "../list/usage.ts";
import { isTemporary } from "../local/new-file.ts";
import { checkPath, joinPath } from "../url/location.ts";
import type { FolderRoot } from "./folder-root.ts";

/** What Node puts into a name for bytes that are not UTF-8. */
const NO_UNICODE = "\ufffd";

/**
 * Files and folders that match a glob, each folder before what lies in it. Symbolic links to folders
 * are not followed. A link to a place outside of the folder, or to nothing, is listed as a file, and
 * reading it is an error: otherwise its target would be missing from results without notice.
 */
export async function* listFolder(
  root: FolderRoot,
  pattern = "",
  { hidden = false, signal }: GlobOptions = {},
): AsyncGenerator<LakeEntry> {
  const glob = parseGlob(root.below(pattern));
  if (typeof glob !== "string") {
    yield* walk(root, root.path(glob.base), hidden ? withHidden(glob) : glob, signal);
    return;
  }
  const base = root.path(glob);
  const entry = await root.stat(base);
  if (entry.kind === "file") yield entry;
  else yield* walk(root, base, { matches: () => true, reach: () => "none" }, signal);
}

/** Paths in the directory of `start` that begin with it; hidden ones only when `start` names one. */
export async function completeFolder(
  root: FolderRoot,
  start: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const at = start.lastIndexOf("/") + 1;
  const base = root.path(start.slice(0, at));
  const found: string[] = [];
  const all = { matches: (path: string) => path.startsWith(start), reach: () => "none" as const };
  for await (const { path, kind } of walk(root, base, all, signal)) {
    const isHidden = path.startsWith(".", at) && !start.startsWith(".", at);
    if (!isHidden) found.push(kind === "directory" ? `${path}/` : path);
    if (found.length >= COMPLETED_ENTRIES) break;
  }
  return found;
}

const COMPLETED_ENTRIES = 1000;

/** Adds up all files and folders below one. */
export function measureFolder(
  root: FolderRoot,
  base: string,
  signal: AbortSignal | undefined,
): Promise<LakeUsage> {
  return addUp(walk(root, base, { matches: () => true, reach: () => "all" }, signal));
}

async function* walk(
  root: FolderRoot,
  directory: string,
  glob: Pick<Glob, "matches" | "reach">,
  signal: AbortSignal | undefined,
): AsyncGenerator<LakeEntry> {
  signal?.throwIfAborted();
  const real = await root.real(directory, "list");
  const items = await root.attempt("list", directory, () => readdir(real, { withFileTypes: true }));
  const matches = items
    .filter(({ name }) => !isTemporary(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((item) => ({ item, path: joinPath(directory, item.name) }));
  const entries = await Promise.all(
    matches.map(({ item, path }) =>
      glob.matches(path) ? lookAt(root, join(real, item.name), item, path) : undefined,
    ),
  );
  for (const [index, { item, path }] of matches.entries()) {
    const entry = entries[index];
    if (entry) yield entry;
    if (item.isDirectory() && glob.reach(path) !== "none") yield* walk(root, path, glob, signal);
  }
}

/** The entry of an item of a folder; nothing for one that is gone by now, and for pipes and devices. */
async function lookAt(
  root: FolderRoot,
  localPath: string,
  item: Dirent,
  path: string,
): Promise<LakeEntry | undefined> {
  const isLink = item.isSymbolicLink();
  if (!isLink && !item.isDirectory() && !item.isFile()) return undefined;
  if (!item.isDirectory()) refuseName(root, path, item.name);
  return root.attempt("list", path, async () => {
    const isInside =
      isLink &&
      (await root.real(path).then(
        () => true,
        () => false,
      ));
    const look = isInside ? stat : lstat;
    const stats = await look(localPath, { bigint: true }).catch((error) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    return stats && root.entry(path, stats, true);
  });
}

/** Fails on a file whose name cannot be a path, rather than leave it out. */
function refuseName(root: FolderRoot, path: string, name: string): void {
  if (name.includes(NO_UNICODE)) throw root.badName(path, "its name is not Unicode");
  try {
    checkPath(path);
  } catch (error) {
    if (error instanceof LakeError) throw root.badName(path, error.message.split("\n")[0] ?? "");
    throw error;
  }
}
