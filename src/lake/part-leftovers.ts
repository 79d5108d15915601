import { constants } from "node:fs";
import { type FileHandle, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { NewFile, processOf, temporaryBeside, temporaryStart } from "./new-file.ts";
import type { Span } from "./read-blocks.ts";

/** What lies beside a download under way, at its temporary name with `.json` behind. */
export interface PartNote {
  /** Names the file of the lake that the bytes are from. */
  readonly source: string;
  readonly version: { size: number; etag: string; modified: string };
  /** Parts that are on the disk for certain. */
  readonly done: readonly Span[];
}

/** Where the note of a download under way lies. */
export function noteOf(temporary: string): string {
  return `${temporary}.json`;
}

/** Temporary names that downloads of this process are writing to. */
export const inUse = new Set<string>();

/** Makes a file under way whose name is in use before the file is there: none takes it for a leftover. */
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

/** What downloads that ended early have left in folders of this machine, each looked into once. */
export class PartLeftovers {
  readonly #names = new Map<string, Promise<readonly string[]>>();

  /**
   * Takes over what an earlier download of the same file of the lake left, and removes what others
   * to the same name left. What a process that lives is writing stays its own; should one be taken
   * for dead that lives on another machine, both write the same bytes, and only one gets to place them.
   */
  async takeOver(
    localFile: string,
    source: string,
  ): Promise<{ file: NewFile; note: PartNote } | undefined> {
    const folder = dirname(localFile);
    const start = temporaryStart(localFile);
    const names = (await this.#namesIn(folder)).filter((name) => name.startsWith(start));
    let taken: { file: NewFile; note: PartNote } | undefined;
    for (const name of names.filter((each) => each.endsWith(".part"))) {
      const path = join(folder, name);
      if (isBusy(processOf(name), path)) continue;
      const note = await readNote(noteOf(path));
      if (!taken && note?.source === source) {
        const file = await reserve(localFile, (temporary) => claim(localFile, path, temporary));
        if (file) taken = { file, note };
      }
      await remove(path);
    }
    return taken;
  }

  #namesIn(folder: string): Promise<readonly string[]> {
    const known = this.#names.get(folder);
    if (known) return known;
    const reading = readdir(folder).catch(() => []); // the download itself tells why
    this.#names.set(folder, reading);
    return reading;
  }
}

/** Removes a download under way, with its note. */
export async function remove(temporary: string): Promise<void> {
  const note = noteOf(temporary);
  for (const file of [temporary, note, `${note}.new`]) await rm(file, { force: true });
}

function isBusy(pid: number, path: string): boolean {
  if (pid === process.pid) return inUse.has(path);
  try {
    process.kill(pid, 0); // asks only whether it is there
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Gives a left file a name of this process: of several that try, one succeeds. */
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

/** A plain file of this user's, which lies nowhere else; nothing where it is anything else. */
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
