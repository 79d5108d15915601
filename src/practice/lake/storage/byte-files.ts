import { hash } from "node:crypto";
import { closeSync, constants, createReadStream, mkdirSync, openSync } from "node:fs";
import { chmod, copyFile, type FileHandle, mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Chunk, Chunker, type Chunks } from "./chunks.ts";
import { Pack } from "./pack.ts";
import { receive, receiveSmall } from "./receive.ts";
import type { Seeds } from "./seeds.ts";
import { shareFile } from "./share-files.ts";

/** Contents of up to this many bytes share a file, and are written synchronously. */
export const SMALL = 64 * 1024;

/** A segment that was written, and that no content refers to yet. */
export interface Stored {
  readonly file: number;
  readonly offset: number;
  readonly length: number;
  /** MD5 in base64. */
  readonly digest: string;
  /** Removes it, unless content refers to it by then. */
  release(): Promise<void>;
}

/**
 * The files with the bytes of the lake, by number: positive ones have one content each, negative
 * ones many small contents. A file is removed once no content refers to it and nobody holds it.
 */
export class Files {
  readonly chunks: Chunks;
  readonly #folder: string;
  readonly #seeds: Seeds;
  readonly #isUsed: (file: number) => boolean;
  readonly #holders = new Map<number, number>();
  readonly #made = new Set<string>();
  #lastFile: number;
  #pack: Pack | undefined;
  #isClosed = false;

  /** @param isUsed whether content of the lake refers to a file */
  constructor(
    folder: string,
    { seeds, chunks }: { readonly seeds: Seeds; readonly chunks: Chunks },
    isUsed: (file: number) => boolean,
  ) {
    this.#folder = folder;
    this.#seeds = seeds;
    this.chunks = chunks;
    this.#isUsed = isUsed;
    this.#lastFile = Date.now() * 1_000;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  newFile(): number {
    this.#lastFile = Math.max(this.#lastFile + 1, Date.now() * 1_000);
    return this.#lastFile;
  }

  /** Whether it is a file outside the lake, which may change. */
  isSeed(file: number): boolean {
    return this.#seeds.sourceOf(file) !== undefined;
  }

  /** Path on disk. */
  path(file: number): string {
    return this.#seeds.sourceOf(file) ?? fileIn(this.#folder, file);
  }

  /** Opens a new file for writing. It is removed unless a segment refers to it. */
  async create(file: number): Promise<FileHandle> {
    await this.#makeFolder(file);
    return open(this.path(file), "wx+", 0o600);
  }

  /**
   * Opens a file to append to it; undefined for a seed, and for a file that contents or a saved
   * lake share.
   */
  async reopen(file: number): Promise<FileHandle | undefined> {
    if (file < 0 || this.isSeed(file)) return undefined;
    const handle = await open(this.path(file), "r+");
    const { nlink } = await handle.stat();
    if (nlink === 1) return handle;
    await handle.close();
    return undefined;
  }

  /** Links files into another folder; seeds, which the lake does not own, are not linked. */
  share(files: readonly number[], folder: string): void {
    for (const file of files) {
      if (this.isSeed(file)) continue;
      const to = folderOf(folder, file);
      mkdirSync(to, { recursive: true, mode: 0o700 });
      shareFile(this.path(file), join(to, String(file)));
    }
  }

  /** Writes a stream to a file, and holds the file. */
  async store(body: AsyncIterable<Buffer>): Promise<Stored> {
    const { head, rest } = await receiveSmall(body, SMALL);
    if (!rest) return this.#storeSmall(Buffer.concat(head));
    const file = this.newFile();
    const whole = async function* () {
      yield* head;
      yield* rest;
    };
    const handle = await this.create(file);
    try {
      const { length, digest = "", chunks } = await receive(whole(), handle, 0, true);
      this.chunks.add(file, chunks);
      return { file, offset: 0, length, digest, release: this.hold([file]) };
    } catch (error) {
      await this.drop([file]);
      throw error;
    } finally {
      await handle.close();
    }
  }

  #storeSmall(bytes: Buffer): Stored {
    const digest = hash("md5", bytes, "base64");
    const { file, offset } = this.pack(bytes);
    return { file, offset, length: bytes.length, digest, release: this.hold([file]) };
  }

  /** Appends a small content to a shared file. */
  pack(bytes: Buffer): { file: number; offset: number } {
    const pack = this.#pack && !this.#pack.isFull ? this.#pack : this.#nextPack();
    const offset = pack.add(bytes);
    const chunker = new Chunker(offset);
    chunker.update(bytes);
    this.chunks.add(pack.file, chunker.end());
    return { file: pack.file, offset };
  }

  /** Saves checksums for a part of a file that is now in use. Call it in a transaction. */
  saveChunks(file: number, start: number, length: number): void {
    if (this.isSeed(file)) return;
    let descriptor: number | undefined;
    const open = () => {
      descriptor ??= openSync(this.path(file), "r");
      return descriptor;
    };
    try {
      this.chunks.save(file, start, length, open);
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
  }

  #nextPack(): Pack {
    const full = this.#pack;
    const file = -this.newFile();
    mkdirSync(this.#folderOf(file), { recursive: true, mode: 0o700 });
    const next = new Pack(file, this.path(file));
    this.#pack = next;
    full?.close();
    if (full) void this.drop([full.file]);
    return next;
  }

  /** Copies a file of another account, by the file system where it can. */
  async adopt(from: Files, file: number): Promise<number> {
    const copy = this.newFile();
    await this.#makeFolder(copy);
    const mode = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE;
    await copyFile(from.path(file), this.path(copy), mode);
    await chmod(this.path(copy), 0o600);
    this.chunks.add(copy, from.isSeed(file) ? await this.#measure(copy) : from.chunks.of(file));
    return copy;
  }

  async #measure(file: number): Promise<Chunk[]> {
    const chunker = new Chunker(0);
    for await (const bytes of createReadStream(this.path(file))) chunker.update(bytes);
    return chunker.end();
  }

  /**
   * Keeps files that no content refers to.
   *
   * @returns releases them, and removes those without use
   */
  hold(files: readonly number[]): () => Promise<void> {
    for (const file of files) this.#holders.set(file, (this.#holders.get(file) ?? 0) + 1);
    return () => this.#release(files);
  }

  /** Removes those of the files that are not used. */
  async drop(files: Iterable<number>): Promise<void> {
    for (const file of files) {
      if (this.#isClosed || file === this.#pack?.file || this.#isUsed(file)) continue;
      if (!this.#holders.has(file)) await this.#remove(file);
    }
  }

  /** Removes no more files; the next `sweep` does. */
  close(): void {
    this.#isClosed = true;
    this.#pack?.close();
  }

  /** Removes files without a segment, which a killed process left. */
  async sweep(): Promise<void> {
    const before = this.#lastFile;
    for (const name of await readdir(this.#folder)) {
      for (const file of await readdir(join(this.#folder, name))) {
        const id = Number(file);
        if (this.#isClosed) return;
        if (Math.abs(id) <= before && !this.#isUsed(id)) await this.#remove(id);
      }
    }
    // A killed process may have removed a file without its checksums.
    for (const file of this.chunks.files()) {
      if (this.#isClosed) return;
      const isNeeded = this.#isUsed(file) || this.#holders.has(file);
      if (Math.abs(file) <= before && !isNeeded) this.chunks.forget(file);
    }
  }

  async #release(files: readonly number[]): Promise<void> {
    for (const file of files) {
      const remaining = (this.#holders.get(file) ?? 1) - 1;
      if (remaining > 0) {
        this.#holders.set(file, remaining);
      } else {
        this.#holders.delete(file);
        await this.drop([file]);
      }
    }
  }

  async #remove(file: number): Promise<void> {
    if (this.isSeed(file)) {
      this.#seeds.forget(file);
      return;
    }
    await rm(this.path(file), { force: true });
    if (!this.#isClosed) this.chunks.forget(file);
  }

  async #makeFolder(file: number): Promise<void> {
    const folder = this.#folderOf(file);
    if (!this.#made.has(folder)) await mkdir(folder, { recursive: true, mode: 0o700 });
    this.#made.add(folder);
  }

  #folderOf(file: number): string {
    return folderOf(this.#folder, file);
  }
}

export function fileIn(folder: string, file: number): string {
  return join(folderOf(folder, file), String(file));
}

function folderOf(folder: string, file: number): string {
  return join(folder, (Math.abs(file) % 256).toString(16).padStart(2, "0"));
}
