import type { TransferProgress } from "./lake.ts";

/** Adds up how far a transfer of one or more files is, and tells whoever wants to know. */
export class Tracker {
  readonly #tell: ((progress: TransferProgress) => void) | undefined;
  #bytes = 0;
  #totalBytes = 0;
  #files = 0;
  #totalFiles = 0;

  constructor(tell: ((progress: TransferProgress) => void) | undefined) {
    this.#tell = tell;
  }

  /** Another file is to be transferred. */
  expect(size: number): void {
    this.#totalFiles++;
    this.#totalBytes += size;
  }

  add(path: string, bytes: number): void {
    this.#bytes += bytes;
    this.#report(path);
  }

  finish(path: string): void {
    this.#files++;
    this.#report(path);
  }

  #report(path: string): void {
    this.#tell?.({
      path,
      bytes: this.#bytes,
      totalBytes: this.#totalBytes,
      files: this.#files,
      totalFiles: this.#totalFiles,
    });
  }
}
