import { LakeError } from "../../../core/errors.ts";
import type { LakeEntry } from "../../../lake/lake.ts";
import { BLOCK } from "../../../lake/read-range.ts";
import { changedWhileLoading } from "../../cache/download-copy.ts";
import type { LakeFiles } from "../../lake-files.ts";
import { giveMemory, takeMemory } from "./memory-pool.ts";
import type { FileSpan } from "./plain-reader.ts";
import { ENDED, type ReadCall, SPANS, TICKS } from "./read-call.ts";
import { fileIn, MOST_BYTES, type ProgramMemory } from "./rows-program.ts";

/** Bytes after which the thread is told that more are here: what it parses at once. */
const NOTICE = MOST_BYTES;

/** A file in memory that a thread reads while its bytes arrive. */
export class ArrivingFile {
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  readonly #memory: ProgramMemory;
  readonly #entry: LakeEntry;
  readonly #spans: FileSpan[] = [];
  readonly #progress: Int32Array<SharedArrayBuffer>;

  constructor(entry: LakeEntry) {
    this.#entry = entry;
    for (let start = 0; start < entry.size; start += BLOCK) {
      this.#spans.push({ start, end: Math.min(start + BLOCK, entry.size) });
    }
    this.#memory = takeMemory(entry.size);
    this.bytes = fileIn(this.#memory, entry.size);
    this.#progress = new Int32Array(new SharedArrayBuffer(4 * (SPANS + this.#spans.length)));
  }

  /**
   * What the thread has to know of it.
   *
   * @param file its copy on this machine, if the thread is to read that
   */
  call(file?: string): ReadCall {
    const { size } = this.#entry;
    const call = { memory: this.#memory, progress: this.#progress, size };
    if (file === undefined) return { ...call, spans: this.#spans };
    return { ...call, spans: [{ start: 0, end: size }], file };
  }

  /** All of the file, once it is fetched. */
  get content(): Uint8Array {
    return this.bytes.subarray(0, this.#entry.size);
  }

  /**
   * Fetches the version of the file that was listed.
   *
   * @param onBytes called with all bytes that are here
   * @throws FrameError `CHANGED` when the lake has another version by now; LakeError
   */
  async fetch(
    lake: LakeFiles,
    onBytes: (bytes: number) => void,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { path, etag, size } = this.#entry;
    let [here, unreported] = [0, 0];
    const arrived = (start: number, end: number) => {
      const span = Math.floor(start / BLOCK);
      // A piece lies in one span.
      Atomics.store(this.#progress, SPANS + span, end - span * BLOCK);
      here += end - start;
      unreported += end - start;
      if (unreported < NOTICE && here < size) return;
      unreported = 0;
      this.#tick();
      onBytes(here);
    };
    try {
      const options = { etag, into: this.content, onBytes: arrived, ...(signal && { signal }) };
      const read = await lake.read(path, options);
      if (read.length !== size) throw changedWhileLoading(this.#entry);
      if (here === size) return;
      // Not every lake reads into memory that is given.
      if (read.buffer !== this.bytes.buffer) this.bytes.set(read);
      for (const { start, end } of this.#spans) arrived(start, end);
      this.#tick();
    } catch (cause) {
      Atomics.store(this.#progress, ENDED, 1);
      this.#tick();
      const code = cause instanceof LakeError ? cause.code : "";
      throw code === "NOT_FOUND" || code === "CONFLICT"
        ? changedWhileLoading(this.#entry, cause as LakeError)
        : cause;
    }
  }

  /** Gives its memory to the next file: nobody may read of it any more. */
  release(): void {
    giveMemory(this.#memory, this.#entry.size);
  }

  #tick(): void {
    Atomics.add(this.#progress, TICKS, 1);
    Atomics.notify(this.#progress, TICKS);
  }
}
