import { type FileHandle, open, rename, writeFile } from "node:fs/promises";
import { readBlocks, type Span } from "./blocks.ts";
import { FileSink, onDisk, putInPlace, readJson, removeLocal } from "./local-file.ts";
import type { ReadingOptions } from "./range-reader.ts";
import type { FileVersion, Store } from "./store.ts";

/** Milliseconds between two notes of how far a download is. */
const NOTE_EVERY = 1000;

/** How to download. */
export interface DownloadFileOptions extends ReadingOptions {
  /** Called with the bytes that each step added, and the file's size. */
  onBytes?(added: number, size: number): void;
  /** Whether nothing can be left there of an earlier download, so that there is none to look for. */
  readonly isNew?: boolean;
  /** Whether the bytes are to be on the disk at the end. */
  readonly durable: boolean;
}

/**
 * Downloads a file to `localFile`, by way of `localFile.part`. How far it is gets noted beside
 * that file, so that a later call, in another process too, fetches only what is missing, as long
 * as the file in the lake is still the same version. The folder is left to be synced.
 */
export async function downloadFile(
  store: Store,
  path: string,
  localFile: string,
  options: DownloadFileOptions,
): Promise<FileVersion> {
  const source = `${store.address.account}/${store.address.fileSystem}/${path}`;
  const begun = options.isNew ? undefined : await PartFile.reopen(localFile, source);
  if (begun) {
    try {
      return await fill(store, path, begun, options);
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode !== 412) throw error;
      await begun.discard(); // another version by now: from the beginning
    }
  }
  return fill(store, path, await PartFile.create(localFile, source), options);
}

async function fill(
  store: Store,
  path: string,
  part: PartFile,
  { onBytes, durable, ...options }: DownloadFileOptions,
): Promise<FileVersion> {
  const remainder = part.remainder();
  const openBlock = (block: Span, version: FileVersion) => {
    part.version ??= version;
    const { start } = block;
    const span = { start, end: Math.min(block.end, version.size) };
    const sink = new FileSink(part.file, part.localFile, span, () => part.note(span));
    if (!onBytes) return sink;
    return {
      write(bytes: Uint8Array) {
        onBytes(bytes.length, version.size);
        return sink.write(bytes);
      },
      close: () => sink.close(),
    };
  };
  if (remainder) onBytes?.(part.bytesDone, remainder.version.size);
  let version: FileVersion;
  try {
    version = await readBlocks(store, path, { offset: 0 }, openBlock, options, remainder);
  } catch (error) {
    await part.leave();
    throw error;
  }
  await part.finish(durable);
  return version;
}

/** What stands beside a `.part` file. */
interface Note {
  readonly source: string;
  readonly version: { size: number; etag: string; modified: string };
  /** Parts that are on the disk for certain. */
  readonly done: Span[];
}

/** A download under way: the bytes so far, and a note of which they are. */
class PartFile {
  readonly file: FileHandle;
  readonly localFile: string;
  version: FileVersion | undefined;
  readonly #source: string;
  #done: Span[] = [];
  #noted = Date.now();
  #noting: Promise<void> | undefined;
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
  remainder(): { version: FileVersion; missing: Span[] } | undefined {
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

  /** Takes note of a block, on the disk now and then: a short download needs no note. */
  async note(block: Span): Promise<void> {
    this.#done.push(block);
    if (Date.now() - this.#noted < NOTE_EVERY || this.#noting) return;
    this.#noting = this.#write().finally(() => {
      this.#noting = undefined;
    });
    await this.#noting;
  }

  async finish(durable: boolean): Promise<void> {
    await this.#noting;
    await putInPlace(this.file, `${this.localFile}.part`, this.localFile, durable);
    if (this.#hasNote) await removeLocal(`${this.localFile}.part.json`);
  }

  /** Keeps what is there for a later call, or nothing when nothing is there. */
  async leave(): Promise<void> {
    await this.#noting?.catch(() => {});
    if (this.#done.length === 0) return this.discard();
    await this.#write().catch(() => {}); // the failure that led here is the one to tell
    await this.file.close();
  }

  async discard(): Promise<void> {
    await this.file.close();
    await removeLocal(`${this.localFile}.part`, `${this.localFile}.part.json`);
  }

  /** The bytes first, then the note of them, which replaces the last one in one step. */
  async #write(): Promise<void> {
    const { version } = this;
    if (!version) return;
    const note = JSON.stringify({ source: this.#source, version, done: [...this.#done] });
    await onDisk(this.localFile, async () => {
      await this.file.datasync();
      await writeFile(`${this.localFile}.part.json.new`, note);
      await rename(`${this.localFile}.part.json.new`, `${this.localFile}.part.json`);
    });
    this.#hasNote = true;
    this.#noted = Date.now();
  }
}
