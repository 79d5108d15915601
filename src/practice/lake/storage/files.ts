import { createHash } from "node:crypto";
import { constants, mkdirSync } from "node:fs";
import { chmod, copyFile, type FileHandle, mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Pack } from "./pack.ts";
import { receive, takeSmall } from "./receive.ts";
import type { Seeds } from "./seeds.ts";
import { shareFile } from "./share.ts";

/** Contents of so many bytes share a file, and are written at once, without the thread pool. */
export const SMALL = 64 * 1024;

/** A run of bytes that was written, and that nothing refers to yet. */
export interface Stored {
  readonly file: number;
  readonly offset: number;
  readonly length: number;
  /** MD5 in base64. */
  readonly digest: string;
  /** Lets go of it: what nothing refers to by now goes. */
  release(): Promise<void>;
}

/**
 * The files on disk that hold the lake's bytes, by number: above 0 those that hold one content,
 * below 0 those that many small ones share. A file goes when no content refers to it and nobody
 * holds it.
 */
export class Files {
  readonly #folder: string;
  readonly #seeds: Seeds;
  readonly #isUsed: (file: number) => boolean;
  readonly #holders = new Map<number, number>();
  readonly #made = new Set<string>();
  #lastFile: number;
  #pack: Pack | undefined;
  #isClosed = false;

  /** @param isUsed whether content of the lake refers to a file */
  constructor(folder: string, seeds: Seeds, isUsed: (file: number) => boolean) {
    this.#folder = folder;
    this.#seeds = seeds;
    this.#isUsed = isUsed;
    this.#lastFile = Date.now() * 1_000;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
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
    return open(this.path(file), "wx+", 0o600);
  }

  /**
   * Opens a file to go on writing it; undefined for a seed, and for one that contents or a saved
   * lake share.
   */
  async reopen(file: number): Promise<FileHandle | undefined> {
    if (file < 0 || this.#seeds.sourceOf(file) !== undefined) return undefined;
    const handle = await open(this.path(file), "r+");
    const { nlink } = await handle.stat();
    if (nlink === 1) return handle;
    await handle.close();
    return undefined;
  }

  /** Puts files into another folder as well; seeds, which the lake does not own, stay where they are. */
  share(files: readonly number[], folder: string): void {
    for (const file of files) {
      if (this.#seeds.sourceOf(file) !== undefined) continue;
      const to = folderOf(folder, file);
      mkdirSync(to, { recursive: true, mode: 0o700 });
      shareFile(this.path(file), join(to, String(file)));
    }
  }

  /** Writes what a stream gives, and holds it. */
  async store(body: AsyncIterable<Buffer>): Promise<Stored> {
    const { head, rest } = await takeSmall(body, SMALL);
    if (!rest) return this.#storeSmall(Buffer.concat(head));
    const file = this.newFile();
    const whole = async function* () {
      yield* head;
      yield* rest;
    };
    const handle = await this.create(file);
    try {
      const { length, digest = "" } = await receive(whole(), handle, 0, true);
      return { file, offset: 0, length, digest, release: this.hold([file]) };
    } catch (error) {
      await this.drop([file]);
      throw error;
    } finally {
      await handle.close();
    }
  }

  #storeSmall(bytes: Buffer): Stored {
    const digest = createHash("md5").update(bytes).digest("base64");
    const { file, offset } = this.pack(bytes);
    return { file, offset, length: bytes.length, digest, release: this.hold([file]) };
  }

  /** Writes small bytes to a file that they share with others. */
  pack(bytes: Buffer): { file: number; offset: number } {
    const pack = this.#pack && !this.#pack.isFull ? this.#pack : this.#nextPack();
    return { file: pack.file, offset: pack.add(bytes) };
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

  /** Copies a file of another account, on disk and without reading it in where the disk can. */
  async adopt(from: Files, file: number): Promise<number> {
    const copy = this.newFile();
    await this.#makeFolder(copy);
    const mode = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE;
    await copyFile(from.path(file), this.path(copy), mode);
    await chmod(this.path(copy), 0o600);
    return copy;
  }

  /**
   * Keeps files although no content may refer to them.
   *
   * @returns what lets go of them; those that nothing needs by then go
   */
  hold(files: readonly number[]): () => Promise<void> {
    for (const file of files) this.#holders.set(file, (this.#holders.get(file) ?? 0) + 1);
    return () => this.#release(files);
  }

  /** Removes those of the files that nothing needs any more. */
  async drop(files: Iterable<number>): Promise<void> {
    for (const file of files) {
      if (this.#isClosed || file === this.#pack?.file || this.#isUsed(file)) continue;
      if (!this.#holders.has(file)) await this.#remove(file);
    }
  }

  /** From here on no file is removed; the next `sweep` finds what had to go. */
  close(): void {
    this.#isClosed = true;
    this.#pack?.close();
  }

  /** Removes files that a killed process began and no segment came to name. */
  async sweep(): Promise<void> {
    const before = this.#lastFile;
    for (const name of await readdir(this.#folder)) {
      for (const file of await readdir(join(this.#folder, name))) {
        const id = Number(file);
        if (this.#isClosed) return;
        if (Math.abs(id) <= before && !this.#isUsed(id)) await this.#remove(id);
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
        await this.drop([file]);
      }
    }
  }

  async #remove(file: number): Promise<void> {
    if (this.#seeds.sourceOf(file) !== undefined) this.#seeds.forget(file);
    else await rm(this.path(file), { force: true });
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

function folderOf(folder: string, file: number): string {
  return join(folder, (Math.abs(file) % 256).toString(16).padStart(2, "0"));
}
