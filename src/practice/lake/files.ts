import { createHash } from "node:crypto";
import { constants, mkdirSync, writeFileSync } from "node:fs";
import { copyFile, type FileHandle, mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { receive, takeSmall } from "./receive.ts";
import type { Seeds } from "./seeds.ts";

/** Bytes that are written at once, without the thread pool. */
const SMALL = 64 * 1024;

/** A file that was filled; it stays only if something comes to need it. */
export interface Stored {
  readonly file: number;
  readonly length: number;
  /** MD5 in base64. */
  readonly digest: string;
}

/**
 * The files on disk that hold the lake's bytes, by number. A file goes when no content refers to it
 * and nobody holds it.
 */
export class Files {
  readonly #folder: string;
  readonly #seeds: Seeds;
  readonly #isUsed: (file: number) => boolean;
  readonly #holders = new Map<number, number>();
  readonly #doomed = new Set<number>();
  readonly #made = new Set<string>();
  #lastFile: number;
  #isClosed = false;

  /** @param isUsed whether content of the lake refers to a file */
  constructor(folder: string, seeds: Seeds, isUsed: (file: number) => boolean) {
    this.#folder = folder;
    this.#seeds = seeds;
    this.#isUsed = isUsed;
    this.#lastFile = Date.now() * 1_000;
    mkdirSync(folder, { recursive: true });
  }

  newFile(): number {
    this.#lastFile = Math.max(this.#lastFile + 1, Date.now() * 1_000);
    return this.#lastFile;
  }

  /** Where a file really is. */
  path(file: number): string {
    return this.#seeds.sourceOf(file) ?? join(this.#folderOf(file), String(file));
  }

  /** Opens a new file for writing; it stays only if a segment comes to name it. */
  async create(file: number): Promise<FileHandle> {
    await this.#makeFolder(file);
    return open(this.path(file), "wx+");
  }

  /** Opens one of the lake's own files to go on writing it; undefined for a seed. */
  async reopen(file: number): Promise<FileHandle | undefined> {
    if (this.#seeds.sourceOf(file) !== undefined) return undefined;
    return open(this.path(file), "r+");
  }

  /** Writes a stream to a new file. */
  async store(body: Readable): Promise<Stored> {
    const file = this.newFile();
    const { head, rest } = await takeSmall(body as AsyncIterable<Buffer>, SMALL);
    if (!rest) return this.#storeSmall(file, Buffer.concat(head));
    const whole = async function* () {
      yield* head;
      yield* rest;
    };
    const handle = await this.create(file);
    try {
      const { length, digest = "" } = await receive(whole(), handle, 0, true);
      return { file, length, digest };
    } catch (error) {
      await this.drop([file]);
      throw error;
    } finally {
      await handle.close();
    }
  }

  #storeSmall(file: number, bytes: Buffer): Stored {
    mkdirSync(this.#folderOf(file), { recursive: true });
    writeFileSync(this.path(file), bytes, { flag: "wx" });
    const digest = createHash("md5").update(bytes).digest("base64");
    return { file, length: bytes.length, digest };
  }

  /** Copies a file of another account, on disk and without reading it in where the disk can. */
  async adopt(from: Files, file: number): Promise<number> {
    const copy = this.newFile();
    await this.#makeFolder(copy);
    const mode = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE;
    await copyFile(from.path(file), this.path(copy), mode);
    return copy;
  }

  /**
   * Keeps files although no content may refer to them.
   *
   * @returns what lets go of them
   */
  hold(files: readonly number[]): () => Promise<void> {
    for (const file of files) this.#holders.set(file, (this.#holders.get(file) ?? 0) + 1);
    return () => this.#release(files);
  }

  /** Removes those of the files that nothing needs any more. */
  async drop(files: Iterable<number>): Promise<void> {
    for (const file of files) {
      if (this.#isClosed || this.#isUsed(file)) continue;
      if (this.#holders.has(file)) this.#doomed.add(file);
      else await this.#remove(file);
    }
  }

  /** From here on no file is removed; the next `sweep` finds what had to go. */
  close(): void {
    this.#isClosed = true;
  }

  /** Removes files that a killed process began and no segment came to name. */
  async sweep(): Promise<void> {
    const before = this.#lastFile;
    for (const name of await readdir(this.#folder)) {
      for (const file of await readdir(join(this.#folder, name))) {
        const id = Number(file);
        if (this.#isClosed) return;
        if (id <= before && !this.#isUsed(id)) await this.#remove(id);
      }
    }
  }

  async #release(files: readonly number[]): Promise<void> {
    for (const file of files) {
      const left = (this.#holders.get(file) ?? 1) - 1;
      if (left > 0) {
        this.#holders.set(file, left);
      } else {
        this.#holders.delete(file);
        if (this.#doomed.delete(file)) await this.drop([file]);
      }
    }
  }

  async #remove(file: number): Promise<void> {
    if (this.#seeds.sourceOf(file) !== undefined) this.#seeds.forget(file);
    else await rm(this.path(file), { force: true });
  }

  async #makeFolder(file: number): Promise<void> {
    const folder = this.#folderOf(file);
    if (!this.#made.has(folder)) await mkdir(folder, { recursive: true });
    this.#made.add(folder);
  }

  #folderOf(file: number): string {
    return join(this.#folder, (file % 256).toString(16).padStart(2, "0"));
  }
}
