import { closeSync, openSync, writeSync } from "node:fs";

/** Bytes after which small contents go to another file. */
const FULL = 4 * 1024 * 1024;

/**
 * A file that many small contents share: making a file of its own for some kilobytes costs a disk
 * ten times as much as writing them, and far more when it has other work.
 */
export class Pack {
  readonly file: number;
  readonly #descriptor: number;
  #size = 0;

  /** @throws the system's error when there is such a file */
  constructor(file: number, path: string) {
    this.file = file;
    this.#descriptor = openSync(path, "wx", 0o600);
  }

  get isFull(): boolean {
    return this.#size >= FULL;
  }

  /** @returns where in the file the bytes lie */
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
