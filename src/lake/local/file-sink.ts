import { type FileHandle, open } from "node:fs/promises";
import { type BlockSink, liesAt, type Span } from "../read-range.ts";
import { onDisk } from "./local-failure.ts";

/** Bytes that are collected for one write; there are two such buffers for a request. */
const BUFFER = 1024 * 1024;

/** Writes a block into a file: one buffer fills while the other is written. */
export class FileSink implements BlockSink {
  readonly #file: FileHandle;
  readonly #localFile: string;
  readonly #written: (piece: Span) => void;
  #buffer: Buffer;
  #spare: Buffer | undefined;
  #used = 0;
  #position: number;
  #writing: Promise<void> | undefined;

  /** @param written called with each piece that was written, in order */
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

  write(bytes: Uint8Array): Uint8Array | Promise<void> {
    const fits = bytes.subarray(0, this.#buffer.length - this.#used);
    if (!liesAt(bytes, this.#buffer, this.#used)) this.#buffer.set(fits, this.#used);
    this.#used += fits.length;
    if (this.#used === this.#buffer.length) {
      if (this.#writing) return this.#wait(Buffer.from(bytes.subarray(fits.length)));
      this.#start();
      if (fits.length < bytes.length) return this.write(bytes.subarray(fits.length));
    }
    return this.#buffer.subarray(this.#used);
  }

  async close(): Promise<void> {
    await this.#writing;
    if (this.#used > 0) await this.#send();
  }

  /** Waits for the buffer that is being written, as there is no third one. */
  async #wait(rest: Uint8Array): Promise<void> {
    await this.#writing;
    this.#start();
    await this.write(rest);
  }

  #start(): void {
    this.#writing = this.#send();
    this.#writing.catch(() => {}); // awaited before the next write, or in `close`
  }

  /** Writes the full buffer, while the other one fills. */
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

/** Syncs the names in a folder to the disk. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return; // a folder cannot be opened there
  await onDisk(folder, async () => {
    const handle = await open(folder, "r");
    await handle.sync().finally(() => handle.close());
  });
}
