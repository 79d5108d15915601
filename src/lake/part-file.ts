import type { FileHandle } from "node:fs/promises";
import { onDisk } from "./local-failure.ts";
import { NewFile, writeNewFile } from "./new-file.ts";
import { inUse, noteOf, type PartLeftovers, remove, reserve } from "./part-leftovers.ts";
import type { Remainder, Span } from "./read-blocks.ts";
import type { FileVersion } from "./store.ts";

/** Bytes of a durable download that are sent to the disk, and noted, together. */
const SAVE_EVERY = 64 * 1024 * 1024;

/** What a download under way is to become. */
export interface PartOf {
  readonly localFile: string;
  /** Names the file of the lake that its bytes are from. */
  readonly source: string;
  /** Whether it may take the place of a file that is there. */
  readonly overwrite: boolean;
  /** Whether all bytes are to be on the disk before the file has its name. */
  readonly durable: boolean;
}

/**
 * A download under way: the bytes so far, and a note of which they are. Those of a
 * durable one are sent to the disk while others arrive, so that the end has little to wait for.
 */
export class PartFile {
  version: FileVersion | undefined;
  readonly #file: NewFile;
  readonly #whole: PartOf;
  /** Spans that do not touch, in order. */
  #done: readonly Span[] = [];
  /** Bytes written since the last save began. */
  #unsaved = 0;
  #saving: Promise<void> | undefined;
  /** Why pieces did not get to the disk, which tells it only once. */
  #failure: { readonly error: unknown } | undefined;
  #hasNote = false;

  private constructor(file: NewFile, whole: PartOf) {
    this.#file = file;
    this.#whole = whole;
  }

  static async create(whole: PartOf): Promise<PartFile> {
    const { localFile } = whole;
    const file = await reserve(localFile, (temporary) => NewFile.create(localFile, { temporary }));
    return new PartFile(file, whole);
  }

  /** The download of the same source that an earlier call left behind, if there is one. */
  static async reopen(whole: PartOf, leftovers: PartLeftovers): Promise<PartFile | undefined> {
    const taken = await leftovers.takeOver(whole.localFile, whole.source);
    if (!taken) return;
    const { version, done } = taken.note;
    const part = new PartFile(taken.file, whole);
    part.version = { ...version, modified: new Date(version.modified) };
    part.#done = done.reduce(join, []);
    part.#hasNote = true;
    return part;
  }

  get file(): FileHandle {
    return this.#file.handle;
  }

  get localFile(): string {
    return this.#whole.localFile;
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
    for (const { start, end } of this.#done) {
      if (start > at) missing.push({ start: at, end: start });
      at = end;
    }
    if (at < version.size) missing.push({ start: at, end: version.size });
    return { version, missing };
  }

  /** Counts a piece as written. */
  add(piece: Span): void {
    this.#done = join(this.#done, piece);
    this.#unsaved += piece.end - piece.start;
    if (!this.#whole.durable || this.#unsaved < SAVE_EVERY) return;
    this.#saving ??= this.#saveMore()
      .catch((error) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#saving = undefined;
      });
  }

  async finish(): Promise<void> {
    await this.#saving;
    try {
      if (this.#failure) throw this.#failure.error;
      await this.#file.place(this.#whole);
    } catch (error) {
      await this.discard();
      throw error;
    }
    if (this.#hasNote) await remove(this.#file.temporary);
    inUse.delete(this.#file.temporary);
  }

  /** Keeps what is there for a later call, or nothing when nothing is there. */
  async leave(): Promise<void> {
    await this.#saving;
    if (this.#done.length === 0 || this.#failure) return this.discard();
    await this.#save().catch(() => {}); // the failure that led here is the one to tell
    await this.file.close();
    inUse.delete(this.#file.temporary);
  }

  async discard(): Promise<void> {
    await this.#file.discard();
    await remove(this.#file.temporary);
    inUse.delete(this.#file.temporary);
  }

  /** Saves what was added meanwhile too; but the very end is saved by whoever finishes. */
  async #saveMore(): Promise<void> {
    while (this.#unsaved >= SAVE_EVERY && this.bytesDone !== this.version?.size) await this.#save();
  }

  /** The bytes first, then the note of them, which replaces the last one in one step. */
  async #save(): Promise<void> {
    const { version } = this;
    const { localFile, source } = this.#whole;
    this.#unsaved = 0;
    const content = JSON.stringify({ source, version, done: this.#done });
    const note = noteOf(this.#file.temporary);
    await onDisk(localFile, () => this.file.datasync());
    await writeNewFile(note, content, { overwrite: true, durable: false }, `${note}.new`);
    this.#hasNote = true;
  }
}

/** `spans` with one more, those that touch or overlap made one. */
function join(spans: readonly Span[], added: Span): Span[] {
  const apart = ({ start, end }: Span) => end < added.start || start > added.end;
  const touching = [added, ...spans.filter((span) => !apart(span))];
  const start = Math.min(...touching.map((span) => span.start));
  const end = Math.max(...touching.map((span) => span.end));
  return [...spans.filter(apart), { start, end }].sort((a, b) => a.start - b.start);
}
