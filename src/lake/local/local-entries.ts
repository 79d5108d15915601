import { type Stats, statSync } from "node:fs";
import { lstat, opendir, readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { onDisk } from "./local-failure.ts";
import { isTemporary } from "./new-file.ts";

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

/** The file or folder at `localPath`, symbolic links followed; undefined when there is none. */
export async function statLocal(localPath: string): Promise<LocalEntry | undefined> {
  const stats = await unlessMissing(localPath, () => stat(localPath));
  if (!stats) return;
  return {
    localPath,
    path: "",
    kind: stats.isDirectory() ? "directory" : "file",
    size: stats.isDirectory() ? 0 : stats.size,
    modified: stats.mtimeMs,
  };
}

/** Whether anything is at `localPath`, be it a dangling link. */
export async function isLocal(localPath: string): Promise<boolean> {
  return (await unlessMissing(localPath, () => lstat(localPath))) !== undefined;
}

async function unlessMissing(
  localPath: string,
  look: () => Promise<Stats>,
): Promise<Stats | undefined> {
  return onDisk(localPath, look).catch((error) => {
    if (error.cause?.code === "ENOENT") return undefined;
    throw error;
  });
}

/** The same as `listLocal`, in path order, without pipes, sockets and devices. */
export async function listTree(folder: string): Promise<LocalEntry[]> {
  const entries: LocalEntry[] = [];
  const walk = async (directory: string, start: string): Promise<void> => {
    const items = await onDisk(directory, () => readdir(directory, { withFileTypes: true }));
    const inside: Promise<void>[] = [];
    for (const item of items) {
      if (isTemporary(item.name)) continue;
      const localPath = join(directory, item.name);
      const path = start + item.name;
      // Synchronous: handing the call to a thread takes longer than the call.
      const stats = statSync(localPath, { throwIfNoEntry: false });
      const isFolder = stats?.isDirectory() ?? false;
      if (!stats || (isFolder && item.isSymbolicLink())) continue;
      if (!isFolder && !stats.isFile()) continue;
      const { size, mtimeMs: modified } = stats;
      const kind = isFolder ? "directory" : "file";
      entries.push({ localPath, path, kind, size: isFolder ? 0 : size, modified });
      if (isFolder) inside.push(walk(localPath, `${path}/`));
    }
    await Promise.all(inside);
  };
  await walk(folder, "");
  return entries.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** All that lies in a folder, except downloads in progress and links to folders. Links to files count as files. */
export async function* listLocal(folder: string): AsyncGenerator<LocalEntry> {
  for await (const entry of await opendir(folder, { recursive: true })) {
    if (isTemporary(entry.name)) continue;
    const localPath = join(entry.parentPath, entry.name);
    const local = await statLocal(localPath);
    if (!local || (local.kind === "directory" && entry.isSymbolicLink())) continue;
    yield { ...local, path: relative(folder, localPath).split(sep).join("/") };
  }
}
