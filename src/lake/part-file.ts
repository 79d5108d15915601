import { type FileHandle, open, rename, writeFile } from "node:fs/promises";
import type { Remainder, Span } from "./blocks.ts";
import { onDisk, putInPlace, readJson, removeLocal } from "./local-file.ts";
import type { FileVersion } from "./store.ts";

/** What stands beside a `.part` file. */
interface Note {
  readonly source: string;
  readonly version: { size: number; etag: string; modified: string };
  /** Parts that are on the disk for certain. */
  readonly done: Span[];
}

/**
 * A download under way: the bytes so far, and a note of which they are. Blocks are sent to the
 * disk while others arrive, so that there is little left to wait for at the end.
 */
export class PartFile {
  readonly file: FileHandle;
  readonly localFile: string;
  version: FileVersion | undefined;
  readonly #source: string;
  #done: Span[] = [];
  #saving: Promise<void> | undefined;
  /** Why blocks did not get to the disk, which tells it only once. */
  #failure: { readonly error: unknown } | undefined;
  #hasNote = false;

  private constructor(file: FileHandle, localFile: string, source: string) {
    this.file = file;
    this.localFile = localFile;
    this.#source = source;
  }

  static async create(localFile: string, source: string): Promise<PartFile> {
    const file = await onDisk(localFile, () => open(`${localFile}.part`, "w"));
    return new PartFile(file, localFile, source);
  }

  /** The download of the same source that an earlier call left behind, if there is one. */
  static async reopen(localFile: string, source: string): Promise<PartFile | undefined> {
    const note = (await readJson(`${localFile}.part.json`)) as Note | undefined;
    if (note?.source !== source || !Array.isArray(note.done)) return;
    const file = await open(`${localFile}.part`, "r+").catch(() => undefined);
    if (!file) return;
    const part = new PartFile(file, localFile, source);
    part.version = { ...note.version, modified: new Date(note.version.modified) };
    part.#done = note.done;
    part.#hasNote = true;
    return part;
  }

  get bytesDone(): number {
    return this.#done.reduce((sum, { start, end }) => sum + end - start, 0);
  }

  /** What is still missing; nothing when the download is a new one. */
  remainder(): Remainder | undefined {
    const { version } = this;
    if (!version) return;
    const missing: Span[] = [];
    let at = 0;
    for (const { start, end } of [...this.#done].sort((a, b) => a.start - b.start)) {
      if (start > at) missing.push({ start: at, end: start });
      at = Math.max(at, end);
    }
    if (at < version.size) missing.push({ start: at, end: version.size });
    return { version, missing };
  }

  /** Counts a block as written, and sees to it that it gets to the disk. */
  add(block: Span): void {
    this.#done.push(block);
    this.#saving ??= this.#saveMore()
      .catch((error) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#saving = undefined;
      });
  }

  /** @param durable whether all bytes are to be on the disk before the file has its name */
  async finish(durable: boolean): Promise<void> {
    await this.#saving;
    if (this.#failure) throw this.#failure.error;
    await putInPlace(this.file, `${this.localFile}.part`, this.localFile, durable);
    if (this.#hasNote) await removeLocal(`${this.localFile}.part.json`);
  }

  /** Keeps what is there for a later call, or nothing when nothing is there. */
  async leave(): Promise<void> {
    await this.#saving;
    if (this.#done.length === 0 || this.#failure) return this.discard();
    await this.#save().catch(() => {}); // the failure that led here is the one to tell
    await this.file.close();
  }

  async discard(): Promise<void> {
    await this.file.close();
    await removeLocal(`${this.localFile}.part`, `${this.localFile}.part.json`);
  }

  /** Saves what was added meanwhile too; but the very end is saved by whoever finishes. */
  async #saveMore(): Promise<void> {
    let saved = 0;
    while (saved < this.#done.length && this.bytesDone !== this.version?.size) {
      saved = this.#done.length;
      await this.#save();
    }
  }

  /** The bytes first, then the note of them, which replaces the last one in one step. */
  async #save(): Promise<void> {
    const { localFile, version } = this;
    const note = JSON.stringify({ source: this.#source, version, done: this.#done });
    await onDisk(localFile, async () => {
      await this.file.datasync();
      await writeFile(`${localFile}.part.json.new`, note);
      await rename(`${localFile}.part.json.new`, `${localFile}.part.json`);
    });
    this.#hasNote = true;
  }
}
