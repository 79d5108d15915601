import { type FileHandle, open, rename, writeFile } from "node:fs/promises";
import type { Remainder, Span } from "./blocks.ts";
import { onDisk, putInPlace, readJson, removeLocal } from "./local-file.ts";
import type { FileVersion } from "./store.ts";

/** Bytes of a durable download that are sent to the disk, and noted, together. */
const SAVE_EVERY = 64 * 1024 * 1024;

/** What stands beside a `.part` file. */
interface Note {
  readonly source: string;
  readonly version: { size: number; etag: string; modified: string };
  /** Parts that are on the disk for certain. */
  readonly done: readonly Span[];
}

/** What a `.part` file is to become. */
export interface PartOf {
  readonly localFile: string;
  /** Names the file of the lake that its bytes are from. */
  readonly source: string;
  /** Whether all bytes are to be on the disk before the file has its name. */
  readonly durable: boolean;
}

/**
 * A download under way: the bytes so far, and a note of which they are. Those of a
 * durable one are sent to the disk while others arrive, so that the end has little to wait for.
 */
export class PartFile {
  readonly file: FileHandle;
  readonly localFile: string;
  version: FileVersion | undefined;
  readonly #source: string;
  readonly #durable: boolean;
  /** Spans that do not touch, in order. */
  #done: readonly Span[] = [];
  /** Bytes written since the last save began. */
  #unsaved = 0;
  #saving: Promise<void> | undefined;
  /** Why pieces did not get to the disk, which tells it only once. */
  #failure: { readonly error: unknown } | undefined;
  #hasNote = false;

  private constructor(file: FileHandle, { localFile, source, durable }: PartOf) {
    this.file = file;
    this.localFile = localFile;
    this.#source = source;
    this.#durable = durable;
  }

  static async create(whole: PartOf): Promise<PartFile> {
    const file = await onDisk(whole.localFile, () => open(`${whole.localFile}.part`, "w"));
    return new PartFile(file, whole);
  }

  /** The download of the same source that an earlier call left behind, if there is one. */
  static async reopen(whole: PartOf): Promise<PartFile | undefined> {
    const { localFile, source } = whole;
    const note = (await readJson(`${localFile}.part.json`)) as Note | undefined;
    if (note?.source !== source || !Array.isArray(note.done)) return;
    const file = await open(`${localFile}.part`, "r+").catch(() => undefined);
    if (!file) return;
    const part = new PartFile(file, whole);
    part.version = { ...note.version, modified: new Date(note.version.modified) };
    part.#done = note.done.reduce(join, []);
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
    if (!this.#durable || this.#unsaved < SAVE_EVERY) return;
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
    if (this.#failure) throw this.#failure.error;
    await putInPlace(this.file, `${this.localFile}.part`, this.localFile, this.#durable);
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
    while (this.#unsaved >= SAVE_EVERY && this.bytesDone !== this.version?.size) await this.#save();
  }

  /** The bytes first, then the note of them, which replaces the last one in one step. */
  async #save(): Promise<void> {
    const { localFile, version } = this;
    this.#unsaved = 0;
    const note = JSON.stringify({ source: this.#source, version, done: this.#done });
    await onDisk(localFile, async () => {
      await this.file.datasync();
      await writeFile(`${localFile}.part.json.new`, note);
      await rename(`${localFile}.part.json.new`, `${localFile}.part.json`);
    });
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
