import type { FileHandle } from "node:fs/promises";
import { onDisk } from "../local/local-failure.ts";
import { NewFile, writeNewFile } from "../local/new-file.ts";
import type { Remainder, Span } from "../read-range.ts";
import type { FileVersion } from "../store.ts";
import {
  type InterruptedDownloads,
  inUse,
  noteOf,
  remove,
  reserve,
} from "./interrupted-downloads.ts";

/** Bytes of a durable download between two calls of fsync. */
const SAVE_EVERY = 64 * 1024 * 1024;

/** The file that a download makes. */
export interface PartOf {
  readonly localFile: string;
  /** `ACCOUNT/FILESYSTEM/path` of the file in the lake. */
  readonly source: string;
  /** Whether it may replace a local file. */
  readonly overwrite: boolean;
  /** Whether to fsync it before it is renamed. */
  readonly durable: boolean;
}

/**
 * The temporary file of a download, and a note of which bytes it has. A durable one is synced to the
 * disk from time to time, so that little is left to sync at the end.
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
  /** Failure of a sync; the system reports it only once. */
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

  /** The interrupted download of the same source, if there is one. */
  static async reopen(
    whole: PartOf,
    interrupted: InterruptedDownloads,
  ): Promise<PartFile | undefined> {
    const resumed = await interrupted.resume(whole.localFile, whole.source);
    if (!resumed) return;
    const { version, done } = resumed.note;
    const part = new PartFile(resumed.file, whole);
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

  /** What is missing; nothing when no byte has arrived. */
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

  /** Keeps the bytes so far for a later call, if there are any. */
  async leave(): Promise<void> {
    await this.#saving;
    if (this.#done.length === 0 || this.#failure) return this.discard();
    await this.#save().catch(() => {}); // the caller throws the failure that led here
    await this.file.close();
    inUse.delete(this.#file.temporary);
  }

  async discard(): Promise<void> {
    await this.#file.discard();
    await remove(this.#file.temporary);
    inUse.delete(this.#file.temporary);
  }

  /** Saves what was added meanwhile too; the last bytes are left to `finish`. */
  async #saveMore(): Promise<void> {
    while (this.#unsaved >= SAVE_EVERY && this.bytesDone !== this.version?.size) await this.#save();
  }

  /** Syncs the bytes, then replaces the note. */
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

/** `spans` and one more, those that touch or overlap merged. */
function join(spans: readonly Span[], added: Span): Span[] {
  const apart = ({ start, end }: Span) => end < added.start || start > added.end;
  const touching = [added, ...spans.filter((span) => !apart(span))];
  const start = Math.min(...touching.map((span) => span.start));
  const end = Math.max(...touching.map((span) => span.end));
  return [...spans.filter(apart), { start, end }].sort((a, b) => a.start - b.start);
}
