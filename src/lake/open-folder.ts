import { inspect } from "node:util";
import { LakeError } from "../core/errors.ts";
import { listingOf } from "../core/listing.ts";
import { COMPLETE_PATHS } from "../core/path-source.ts";
import { completeFolder, listFolder, measureFolder } from "./folder/folder-list.ts";
import { FolderRoot } from "./folder/folder-root.ts";
import { copyLocal, moveInFolder, placeInFolder, removeFromFolder } from "./folder/folder-write.ts";
import type {
  DownloadOptions,
  GlobOptions,
  Lake,
  LakeCallOptions,
  LakeEntry,
  ReadOptions,
  RemoveOptions,
  WriteOptions,
} from "./lake.ts";
import { listLocal, statLocal } from "./local/local-entries.ts";
import { joinPath } from "./url/location.ts";

/**
 * A folder of this machine, for what reads and writes files of a lake. A path is relative to the
 * folder, with slashes on Windows too; one that begins with the folder's own path is accepted.
 *
 * Nothing outside of the folder is reached: a path with `..` is refused, and so is a link that
 * leads out. Links inside of it are followed, but patterns do not go through links to folders, and
 * nothing is written through a link.
 *
 * Every method throws a LakeError: `NOT_FOUND`, `FORBIDDEN`, `EXISTS`, `CONFLICT`, `BAD_PATH`,
 * `BAD_RANGE`, `LOCAL_FILE`.
 */
export interface LocalFolder
  extends Pick<
    Lake,
    | "url"
    | "list"
    | "stat"
    | "exists"
    | "read"
    | "readText"
    | "download"
    | "upload"
    | "move"
    | "remove"
    | "du"
  > {
  /** `file:///home/ada/data/` */
  readonly url: string;
}

/**
 * Opens a folder of this machine, for `loadFrame`, `query`, `writeFrame` and `writeQuery`: its files
 * are read and written as those of a lake are, with the same formats, patterns, Delta tables and
 * limits. What is read is first copied to the cache, so that it is of one version.
 *
 * @param place path of a folder that is there; relative to where the notebook is
 * @throws LakeError `NOT_FOUND`, `LOCAL_FILE` when it is a file, `FORBIDDEN`, `BAD_PATH`
 * @example
 * const here = openFolder(".");
 * const sales = await loadFrame(here, "sales/*.csv");
 * await query(here, "select region, sum(amount) as amount from 'sales/*.csv' group by region");
 * await writeFrame(here, "out/sales.parquet", sales);
 */
export function openFolder(place: string): LocalFolder {
  const root = new FolderRoot(place);
  const folder: LocalFolder = {
    url: root.url,
    list(pattern = "", options: GlobOptions = {}) {
      const what = `${pattern || "the root"} in ${root.folder}`;
      return listingOf({ what, noun: "path" }, () => listFolder(root, pattern, options));
    },
    stat: async (path: string, { signal }: LakeCallOptions = {}) => {
      signal?.throwIfAborted();
      return root.stat(root.path(path));
    },
    async exists(path: string, options?: LakeCallOptions) {
      try {
        await folder.stat(path, options);
        return true;
      } catch (error) {
        if (error instanceof LakeError && error.code === "NOT_FOUND") return false;
        throw error;
      }
    },
    read: async (path, options = {}) => read(root, root.path(path), options),
    async readText(path, options = {}) {
      return new TextDecoder().decode(await folder.read(path, options));
    },
    download: async (path, localPath, options = {}) =>
      download(root, root.path(path), localPath, options),
    async upload(localPath, path, options = {}) {
      const target = file(root, path);
      await upload(root, localPath, target, options);
      return root.stat(target);
    },
    async move(from, to, options = {}) {
      const target = file(root, to);
      await moveInFolder(root, file(root, from), target, options);
      return root.stat(target);
    },
    remove: async (path, options: RemoveOptions = {}) =>
      removeFromFolder(root, file(root, path), options),
    du: async (path = "", { signal }: LakeCallOptions = {}) =>
      measureFolder(root, root.path(path), signal),
  };
  return Object.defineProperties(folder, {
    [inspect.custom]: { value: () => `Folder ${root.folder}` },
    [COMPLETE_PATHS]: {
      value: (start: string, signal: AbortSignal) => completeFolder(root, start, signal),
    },
  });
}

/** The path of something that can be made, moved and removed, which the folder itself cannot. */
function file(root: FolderRoot, text: string): string {
  const path = root.path(text);
  if (path) return path;
  throw new LakeError("BAD_PATH", `this cannot be done to ${root.folder} itself`);
}

function read(
  root: FolderRoot,
  path: string,
  { offset = 0, length, etag, signal }: ReadOptions,
): Promise<Uint8Array> {
  signal?.throwIfAborted();
  return root.withFile(path, etag, async (opened, { size }) => {
    if (offset > size || (offset === size && size > 0)) {
      throw new LakeError("BAD_RANGE", `${path} ends before the part asked for`, {
        hint: `It has ${size} bytes.`,
      });
    }
    const requested = Math.min(length ?? size, size - offset);
    const bytes = Buffer.allocUnsafe(requested);
    for (let at = 0; at < requested; ) {
      signal?.throwIfAborted();
      const { bytesRead } = await opened.read(bytes, at, requested - at, offset + at);
      if (bytesRead === 0) throw new LakeError("CONFLICT", `${path} became shorter meanwhile`);
      at += bytesRead;
    }
    return bytes;
  });
}

async function download(
  root: FolderRoot,
  path: string,
  localPath: string,
  { overwrite = false, durable = true, entry, signal, onProgress }: DownloadOptions,
): Promise<LakeEntry> {
  return root.withFile(path, entry?.etag, async (opened, now) => {
    const { size } = now;
    await copyLocal(opened, localPath, { overwrite, durable, signal, onProgress, path, size });
    return entry ?? now;
  });
}

async function upload(
  root: FolderRoot,
  localPath: string,
  path: string,
  options: WriteOptions,
): Promise<void> {
  const there = await statLocal(localPath);
  if (!there) throw new LakeError("LOCAL_FILE", `there is no ${localPath} on this machine`);
  if (there.kind === "file") return placeInFolder(root, localPath, path, options);
  for await (const local of listLocal(localPath)) {
    options.signal?.throwIfAborted();
    if (local.kind === "directory") continue;
    await placeInFolder(root, local.localPath, root.path(joinPath(path, local.path)), options);
  }
}
