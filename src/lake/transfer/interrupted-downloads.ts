import { constants } from "node:fs";
import { type FileHandle, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { NewFile, processOf, temporaryBeside, temporaryStart } from "../local/new-file.ts";
import type { Span } from "../read-range.ts";

/** Which bytes a temporary file of a download has: the file beside it, with `.json` added to its name. */
export interface PartNote {
  /** Names the file of the lake that the bytes are from. */
  readonly source: string;
  readonly version: { size: number; etag: string; modified: string };
  /** Parts that are on the disk. */
  readonly done: readonly Span[];
}

/** Path of the note of a temporary file. */
export function noteOf(temporary: string): string {
  return `${temporary}.json`;
}

/** Temporary files that downloads of this process are writing. */
export const inUse = new Set<string>();

/** Registers a temporary name as in use before `make` makes its file, so that nothing removes the file. */
export async function reserve<Made extends NewFile | undefined>(
  localFile: string,
  make: (temporary: string) => Promise<Made>,
): Promise<Made> {
  const temporary = temporaryBeside(localFile);
  inUse.add(temporary);
  let made: Made | undefined;
  try {
    made = await make(temporary);
    return made;
  } finally {
    if (!made) inUse.delete(temporary);
  }
}

/** Temporary files of interrupted downloads in local folders, each listed once. */
export class InterruptedDownloads {
  readonly #names = new Map<string, Promise<readonly string[]>>();

  /**
   * Reopens the temporary file of an interrupted download of `source` to `localFile`, and removes those
   * of other sources. A file of a running process is left alone. A process on another machine looks
   * ended: then both write the same bytes, and one of them renames the file.
   */
  async resume(
    localFile: string,
    source: string,
  ): Promise<{ file: NewFile; note: PartNote } | undefined> {
    const folder = dirname(localFile);
    const start = temporaryStart(localFile);
    const names = (await this.#namesIn(folder)).filter((name) => name.startsWith(start));
    let resumed: { file: NewFile; note: PartNote } | undefined;
    for (const name of names.filter((each) => each.endsWith(".part"))) {
      const path = join(folder, name);
      if (isBusy(processOf(name), path)) continue;
      const note = await readNote(noteOf(path));
      if (!resumed && note?.source === source) {
        const file = await reserve(localFile, (temporary) => claim(localFile, path, temporary));
        if (file) resumed = { file, note };
      }
      await remove(path);
    }
    return resumed;
  }

  #namesIn(folder: string): Promise<readonly string[]> {
    const known = this.#names.get(folder);
    if (known) return known;
    const reading = readdir(folder).catch(() => []); // the download itself will fail
    this.#names.set(folder, reading);
    return reading;
  }
}

export async function remove(temporary: string): Promise<void> {
  const note = noteOf(temporary);
  for (const file of [temporary, note, `${note}.new`]) await rm(file, { force: true });
}

function isBusy(pid: number, path: string): boolean {
  if (pid === process.pid) return inUse.has(path);
  try {
    process.kill(pid, 0); // sends nothing, and fails when there is no such process
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Renames a temporary file to one of this process: of several that try, one succeeds. */
async function claim(localFile: string, path: string, temporary: string) {
  try {
    await rename(path, temporary);
    const handle = await openOwn(temporary, constants.O_RDWR);
    if (handle) {
      await rename(noteOf(path), noteOf(temporary));
      return new NewFile(handle, localFile, temporary);
    }
    await remove(temporary);
  } catch {
    // Another was first, or it cannot be written to: the download begins anew.
  }
  return;
}

/** Opens a regular file of this user's without further hard links; nothing where it is anything else. */
async function openOwn(path: string, flags: number): Promise<FileHandle | undefined> {
  const { O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const handle = await open(path, flags | O_NOFOLLOW | O_NONBLOCK);
  const stats = await handle.stat();
  const isOwn = process.getuid === undefined || stats.uid === process.getuid();
  if (stats.isFile() && stats.nlink === 1 && isOwn) return handle;
  await handle.close();
  return;
}

async function readNote(path: string): Promise<PartNote | undefined> {
  const handle = await openOwn(path, constants.O_RDONLY).catch(() => undefined);
  if (!handle) return;
  try {
    const note: unknown = JSON.parse(await handle.readFile("utf8"));
    return isNote(note) ? note : undefined;
  } catch {
    return; // half written, or not ours
  } finally {
    await handle.close();
  }
}

function isNote(value: unknown): value is PartNote {
  const { source, version, done } = (value ?? {}) as Partial<PartNote>;
  const { size = -1, etag, modified } = version ?? {};
  return (
    typeof source === "string" &&
    Number.isSafeInteger(size) &&
    typeof etag === "string" &&
    !Number.isNaN(Date.parse(String(modified))) &&
    Array.isArray(done) &&
    done.every(
      ({ start, end }) =>
        Number.isSafeInteger(start) &&
        Number.isSafeInteger(end) &&
        0 <= start &&
        start < end &&
        end <= size,
    )
  );
}
