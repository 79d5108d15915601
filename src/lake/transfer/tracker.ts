import type { TransferProgress } from "../lake.ts";

/** Adds up the progress of a transfer of one or more files, and reports it. */
export class Tracker {
  readonly #onProgress: ((progress: TransferProgress) => void) | undefined;
  #bytes = 0;
  #totalBytes = 0;
  #files = 0;
  #totalFiles = 0;
  #isAnnounced = false;

  constructor(onProgress: ((progress: TransferProgress) => void) | undefined) {
    this.#onProgress = onProgress;
  }

  /** Sets the totals, where all files are known before the first is transferred. */
  announce(sizes: readonly number[]): void {
    this.#isAnnounced = true;
    this.#totalFiles = sizes.length;
    this.#totalBytes = sizes.reduce((sum, size) => sum + size, 0);
  }

  /** Adds a file to the totals, unless they were announced. */
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
    this.#onProgress?.({
      path,
      bytes: this.#bytes,
      totalBytes: this.#totalBytes,
      files: this.#files,
      totalFiles: this.#totalFiles,
    });
  }
}
