import type { LakeEntry } from "../../lake/lake.ts";

/** How far a long load has come. */
export interface LoadProgress {
  /** What it is at. */
  readonly phase: "download" | "read" | "done";
  /** Files and bytes of the lake: all that are wanted, and those already here. */
  readonly files: number;
  /** Files that are here. */
  readonly filesDone: number;
  /** Bytes of all of them. */
  readonly bytes: number;
  /** Bytes that are here. */
  readonly bytesDone: number;
  /** Bytes of `bytesDone` that lay in the local cache. */
  readonly bytesCached: number;
  /** Milliseconds since the load began. */
  readonly elapsed: number;
}

/** Called now and then while something loads. */
export type OnProgress = (progress: LoadProgress) => void;

/** Takes note of how much of one file is here. */
export interface FileTracker {
  /** @param total bytes that are requested of it, if not the whole file's */
  arrived(bytes: number, total?: number): void;
  /** @param cached whether it had been here before */
  done(cached: boolean): void;
}

/** Adds up how far a load of several files is, and tells whoever wants to know. */
export class LoadTracker {
  readonly #started = performance.now();
  readonly #onProgress: OnProgress | undefined;
  readonly #files: number;
  readonly #done = { filesDone: 0, bytesDone: 0, bytesCached: 0 };
  #bytes: number;

  constructor(entries: readonly LakeEntry[], onProgress: OnProgress | undefined) {
    this.#onProgress = onProgress;
    this.#files = entries.length;
    this.#bytes = entries.reduce((sum, { size }) => sum + size, 0);
  }

  report(phase: LoadProgress["phase"]): void {
    const elapsed = performance.now() - this.#started;
    this.#onProgress?.({ phase, files: this.#files, bytes: this.#bytes, ...this.#done, elapsed });
  }

  file({ size }: LakeEntry): FileTracker {
    let [here, expected] = [0, size];
    const arrived = (bytes: number, total = size) => {
      const known = Math.min(bytes, total);
      this.#done.bytesDone += known - here;
      this.#bytes += total - expected;
      [here, expected] = [known, total];
      this.report("download");
    };
    const done = (cached: boolean) => {
      this.#done.filesDone += 1;
      if (cached) this.#done.bytesCached += expected;
      arrived(expected, expected);
    };
    return { arrived, done };
  }
}
