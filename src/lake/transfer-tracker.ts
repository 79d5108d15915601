import type { TransferProgress } from "./lake.ts";

/** Adds up how far a transfer of one or more files is, and tells whoever wants to know. */
export class Tracker {
  readonly #tell: ((progress: TransferProgress) => void) | undefined;
  #bytes = 0;
  #totalBytes = 0;
  #files = 0;
  #totalFiles = 0;
  #isAnnounced = false;

  constructor(tell: ((progress: TransferProgress) => void) | undefined) {
    this.#tell = tell;
  }

  /** All files that are to be transferred, where they are known before the first of them. */
  announce(sizes: readonly number[]): void {
    this.#isAnnounced = true;
    this.#totalFiles = sizes.length;
    this.#totalBytes = sizes.reduce((sum, size) => sum + size, 0);
  }

  /** Another file is to be transferred. */
  expect(size: number): void {
    if (this.#isAnnounced) return;
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
