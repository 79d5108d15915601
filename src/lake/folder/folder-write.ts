import { constants, renameSync } from "node:fs";
import { type FileHandle, lstat, open, rm, rmdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { LakeError } from "../../core/errors.ts";
import type { RemoveOptions, TransferProgress, WriteOptions } from "../lake.ts";
import { existsError } from "../lake-errors.ts";
import { syncFolder } from "../local/file-sink.ts";
import { LocalFolders } from "../local/local-folders.ts";
import { NewFile, renameLocal } from "../local/new-file.ts";
import { nameOf, parentOf } from "../url/location.ts";
import type { FolderRoot } from "./folder-root.ts";
import { isFolder } from "./folder-root.ts";

/** Bytes copied at once. */
const PIECE = 1024 * 1024;

/** How to copy a local file. */
export interface CopyFileOptions {
  readonly overwrite: boolean;
  readonly durable: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Path that progress is reported under. */
  readonly path: string;
  readonly size: number;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
}

/** Copies an opened file to a new one, under a temporary name until all bytes are there. */
export async function copyLocal(
  file: FileHandle,
  localFile: string,
  { overwrite, durable, signal, path, size, onProgress }: CopyFileOptions,
): Promise<void> {
  const made = await NewFile.create(localFile);
  try {
    const buffer = Buffer.allocUnsafe(Math.min(PIECE, Math.max(1, size)));
    for (let at = 0; at < size; ) {
      signal?.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, size - at), at);
      if (bytesRead === 0) throw shorter(path);
      await made.handle.writeFile(buffer.subarray(0, bytesRead));
      at += bytesRead;
      onProgress?.({ path, bytes: at, totalBytes: size, files: 0, totalFiles: 1 });
    }
    await made.place({ overwrite, durable });
  } catch (error) {
    await made.discard().catch(() => {});
    throw error;
  }
}

function shorter(path: string): LakeError {
  return new LakeError("CONFLICT", `${path} became shorter while it was read`, {
    hint: "Start again, once whoever writes it is done.",
  });
}

/** Copies a local file to a path of a folder, and makes the folders above it. */
export async function placeInFolder(
  root: FolderRoot,
  localFile: string,
  path: string,
  { overwrite = false, signal }: WriteOptions,
): Promise<void> {
  await root.attempt("write", path, async () => {
    const { target, folders } = await targetOf(root, path, overwrite);
    const file = await open(localFile, constants.O_RDONLY);
    try {
      const { size } = await file.stat();
      await copyLocal(file, target, { overwrite, durable: true, signal, path, size });
    } finally {
      await file.close();
    }
    await folders.sync();
  });
}

/** Moves a file or folder. A link is moved, not its target. */
export async function moveInFolder(
  root: FolderRoot,
  from: string,
  to: string,
  { overwrite = false }: WriteOptions,
): Promise<void> {
  const source = join(await root.real(parentOf(from), "write"), nameOf(from));
  await root.attempt("write", from, async () => {
    const isDirectory = (await lstat(source)).isDirectory();
    const { target, folders } = await targetOf(root, to, overwrite);
    // Renaming a folder onto one that is not empty fails; there is no way to spare an empty one.
    if (isDirectory) renameSync(source, target);
    else renameLocal(source, target, overwrite);
    await folders.sync();
  });
}

/** Removes a file or folder. A link is removed, not its target. */
export async function removeFromFolder(
  root: FolderRoot,
  path: string,
  { recursive = false }: RemoveOptions,
): Promise<void> {
  const parent = await root.real(parentOf(path), "delete");
  await root.attempt("delete", path, async () => {
    const place = join(parent, nameOf(path));
    if (!(await lstat(place)).isDirectory()) await unlink(place);
    else if (recursive) await rm(place, { recursive: true });
    else await rmdir(place);
    await syncFolder(parent);
  });
}

async function targetOf(root: FolderRoot, path: string, overwrite: boolean) {
  const folders = await LocalFolders.open(root.folder);
  const { folder } = await folders.make(parentOf(path));
  const target = join(folder, nameOf(path));
  const there = await lstat(target).catch((error) => {
    if (error.code !== "ENOENT") throw error;
  });
  if (there && !overwrite) throw existsError(`${path} in ${root.folder}`);
  if (there?.isDirectory()) throw isFolder(path, root.folder);
  return { target, folders };
}
