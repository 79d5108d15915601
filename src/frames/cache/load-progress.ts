import type { LakeEntry } from "../../lake/lake.ts";

/** Progress of a load. */
export interface LoadProgress {
  readonly phase: "download" | "read" | "done";
  /** Files to load. */
  readonly files: number;
  /** Files on this machine. */
  readonly filesDone: number;
  /** Bytes to load. */
  readonly bytes: number;
  /** Bytes on this machine. */
  readonly bytesDone: number;
  /** Bytes of `bytesDone` that were in the cache. */
  readonly bytesCached: number;
  /** Milliseconds since the load began. */
  readonly elapsed: number;
}

/** Called now and then while something loads. */
export type OnProgress = (progress: LoadProgress) => void;

/** Progress of one file. */
export interface FileTracker {
  /** @param total bytes that are requested of it, if not the whole file's */
  arrived(bytes: number, total?: number): void;
  /** @param cached whether it was in the cache */
  done(cached: boolean): void;
}

/** Adds up the progress of several files, and reports it. */
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
