import type { LakeEntry } from "../../lake/lake.ts";
import type { LoadProgress, OnProgress } from "./load-progress.ts";

/** Takes note of how much of one file is here. */
export interface FileTracker {
  /** @param total bytes that are wanted of it, if not the whole file's */
  arrived(bytes: number, total?: number): void;
  /** @param cached whether it had been here before */
  done(cached: boolean): void;
}

/** Adds up how far a load of several files is, and tells whoever wants to know. */
export class Tracker {
  readonly #started = performance.now();
  readonly #tell: OnProgress | undefined;
  readonly #files: number;
  readonly #done = { filesDone: 0, bytesDone: 0, bytesCached: 0 };
  #bytes: number;

  constructor(entries: readonly LakeEntry[], tell: OnProgress | undefined) {
    this.#tell = tell;
    this.#files = entries.length;
    this.#bytes = entries.reduce((sum, { size }) => sum + size, 0);
  }

  report(phase: LoadProgress["phase"]): void {
    const elapsed = performance.now() - this.#started;
    this.#tell?.({ phase, files: this.#files, bytes: this.#bytes, ...this.#done, elapsed });
  }

  file({ size }: LakeEntry): FileTracker {
    let [here, wanted] = [0, size];
    const arrived = (bytes: number, total = size) => {
      const known = Math.min(bytes, total);
      this.#done.bytesDone += known - here;
      this.#bytes += total - wanted;
      [here, wanted] = [known, total];
      this.report("download");
    };
    const done = (cached: boolean) => {
      this.#done.filesDone += 1;
      if (cached) this.#done.bytesCached += wanted;
      arrived(wanted, wanted);
    };
    return { arrived, done };
  }
}
