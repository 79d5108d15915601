import { opendir, stat } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { LakeError } from "../core/errors.ts";
import { onDisk } from "./local-file.ts";

/** A file or folder of this machine. */
export interface LocalEntry {
  readonly localPath: string;
  /** From the folder that was listed, separated by slashes. */
  readonly path: string;
  readonly kind: "file" | "directory";
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/** What is at `localPath`; nothing when there is nothing. */
export async function statLocal(localPath: string): Promise<LocalEntry | undefined> {
  const stats = await onDisk(localPath, () => stat(localPath)).catch((error) => {
    if (error.cause?.code === "ENOENT") return undefined;
    throw error;
  });
  if (!stats) return;
  return {
    localPath,
    path: "",
    kind: stats.isDirectory() ? "directory" : "file",
    size: stats.isDirectory() ? 0 : stats.size,
    modified: stats.mtimeMs,
  };
}

/** All that lies in a folder. Links to files count as files; links to folders are left out. */
export async function* listLocal(folder: string): AsyncGenerator<LocalEntry> {
  for await (const entry of await opendir(folder, { recursive: true })) {
    const localPath = join(entry.parentPath, entry.name);
    const found = await statLocal(localPath);
    if (!found || (found.kind === "directory" && entry.isSymbolicLink())) continue;
    yield { ...found, path: relative(folder, localPath).split(sep).join("/") };
  }
}

/**
 * Where a path of the lake goes in a local folder.
 *
 * @throws LakeError with code `BAD_PATH` when that is outside the folder
 */
export function placeIn(folder: string, path: string): string {
  const root = resolve(folder);
  const target = resolve(root, path);
  if (target.startsWith(root + sep)) return target;
  throw new LakeError("BAD_PATH", `${JSON.stringify(path)} would leave the folder ${folder}`);
}
