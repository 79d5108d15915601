import { closeSync, fsync, openSync, renameSync, writeFileSync } from "node:fs";
import { type FileHandle, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { promisify } from "node:util";
import { LakeError } from "../core/errors.ts";
import type { BlockSink, Span } from "./blocks.ts";

/** Bytes collected before they are written, which makes writes few; two such buffers a request. */
const BUFFER = 1024 * 1024;

/** Runs something on the local file system; its failure is a LakeError with code `LOCAL_FILE`. */
export async function onDisk<T>(localFile: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const { code = "" } = cause as NodeJS.ErrnoException;
    throw new LakeError("LOCAL_FILE", `the local file ${localFile} failed (${code})`, {
      hint: HINTS[code] ?? String(cause),
      cause,
    });
  }
}

const HINTS: Record<string, string> = {
  ENOENT: "It, or the folder that it is meant to be in, does not exist.",
  ENOTDIR: "A part of its path is a file, not a folder.",
  EACCES: "This user may not.",
  EISDIR: "It is a folder; give the name of a file.",
  ENOSPC: "The disk is full.",
};

/** Writes a block into a file: one buffer fills while the other is on its way to the disk. */
export class FileSink implements BlockSink {
  readonly #file: FileHandle;
  readonly #localFile: string;
  readonly #written: (piece: Span) => void;
  #buffer: Buffer;
  #spare: Buffer | undefined;
  #used = 0;
  #position: number;
  #writing: Promise<void> | undefined;

  /** @param written called with each piece that was handed to the file system, in order */
  constructor(
    file: FileHandle,
    localFile: string,
    { start, end }: Span,
    written: (piece: Span) => void,
  ) {
    this.#file = file;
    this.#localFile = localFile;
    this.#position = start;
    this.#written = written;
    this.#buffer = Buffer.allocUnsafe(Math.min(BUFFER, end - start));
  }

  write(bytes: Uint8Array): void | Promise<void> {
    const fits = bytes.subarray(0, this.#buffer.length - this.#used);
    this.#buffer.set(fits, this.#used);
    this.#used += fits.length;
    if (this.#used < this.#buffer.length) return;
    if (this.#writing) return this.#turn(Buffer.from(bytes.subarray(fits.length)));
    this.#start();
    if (fits.length < bytes.length) return this.write(bytes.subarray(fits.length));
  }

  async close(): Promise<void> {
    await this.#writing;
    if (this.#used > 0) await this.#send();
  }

  /** Waits for the buffer that is on its way, as there is no third one. */
  async #turn(rest: Uint8Array): Promise<void> {
    await this.#writing;
    this.#start();
    await this.write(rest);
  }

  #start(): void {
    this.#writing = this.#send();
    this.#writing.catch(() => {}); // thrown where it is awaited: before the next one, or at the end
  }

  /** Hands the full buffer over and goes on with the other one. */
  async #send(): Promise<void> {
    const [full, used, position] = [this.#buffer, this.#used, this.#position];
    this.#buffer = this.#spare ?? Buffer.allocUnsafe(full.length);
    this.#spare = undefined;
    this.#used = 0;
    this.#position += used;
    await onDisk(this.#localFile, async () => {
      for (let at = 0; at < used; ) {
        at += (await this.#file.write(full, at, used - at, position + at)).bytesWritten;
      }
    });
    this.#spare = full;
    this.#writing = undefined;
    this.#written({ start: position, end: position + used });
  }
}

/** Moves a finished file under its final name; if `durable`, its bytes are on the disk before. */
export async function putInPlace(
  file: FileHandle,
  part: string,
  localFile: string,
  durable: boolean,
): Promise<void> {
  await onDisk(localFile, async () => {
    if (durable) await file.sync();
    await file.close();
    await rename(part, localFile);
  });
}

const toDisk = promisify(fsync);

/**
 * Writes a small file under a temporary name, and moves it under its final one; if `durable`, its
 * bytes are on the disk before. What does not wait for the disk is done on the spot: to hand it to a thread and
 * back takes longer than the call itself.
 */
export async function putWhole(
  localFile: string,
  content: Uint8Array,
  durable: boolean,
): Promise<void> {
  await onDisk(localFile, async () => {
    const file = openSync(`${localFile}.part`, "w");
    try {
      writeFileSync(file, content);
      if (durable) await toDisk(file);
    } finally {
      closeSync(file);
    }
    renameSync(`${localFile}.part`, localFile);
  });
}

/** Makes the names in a folder last through a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return; // a folder cannot be opened there
  await onDisk(folder, async () => {
    const handle = await open(folder, "r");
    await handle.sync().finally(() => handle.close());
  });
}

/** The folders that a download needs, each made once. */
export class LocalFolders {
  readonly #made = new Map<string, Promise<boolean>>();

  /** @returns whether the folder was not there before */
  make(folder: string): Promise<boolean> {
    const known = this.#made.get(folder);
    if (known) return known;
    const making = onDisk(folder, () => mkdir(folder, { recursive: true })).then(
      (first) => first !== undefined,
    );
    this.#made.set(folder, making);
    return making;
  }

  /** Makes the names in all of them last through a power cut. */
  async sync(): Promise<void> {
    for (const folder of this.#made.keys()) await syncFolder(folder);
  }
}

/** The JSON in a file, or nothing when there is none that can be read. */
export async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch {
    return;
  }
}

export async function removeLocal(...files: string[]): Promise<void> {
  for (const file of files) await rm(file, { force: true });
}
