import { closeSync, openSync, writeSync } from "node:fs";

/** Bytes after which a new file is begun. */
const FULL = 4 * 1024 * 1024;

/**
 * A file of many small contents: creating a file takes ten times as long as writing some kilobytes.
 */
export class Pack {
  readonly file: number;
  readonly #descriptor: number;
  #size = 0;

  /** @throws the system's error when the file exists */
  constructor(file: number, path: string) {
    this.file = file;
    this.#descriptor = openSync(path, "wx", 0o600);
  }

  get isFull(): boolean {
    return this.#size >= FULL;
  }

  /** @returns position in the file */
  add(bytes: Buffer): number {
    const offset = this.#size;
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(this.#descriptor, bytes, done, bytes.length - done, offset + done);
    }
    this.#size += bytes.length;
    return offset;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
