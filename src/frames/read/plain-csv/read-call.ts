import type { PlainOptions } from "./plain-reader.ts";
import type { ProgramMemory } from "./rows-program.ts";

/**
 * What the thread is asked to read. It answers with a `PlainResult`, without `parts` where they are to
 * go to a file, or with nothing where the strict reading is needed.
 */
export interface ReadCall extends PlainOptions {
  /** Of the file, whose bytes arrive in it. */
  readonly memory: ProgramMemory;
  /** Shared, too: `TICKS`, `ENDED`, and from `SPANS` on the bytes that are here of each span. */
  readonly progress: Int32Array<SharedArrayBuffer>;
  /** A file of this machine that the thread is to take the bytes from. */
  readonly file?: string;
  /** A Parquet file to write what was read to. */
  readonly parquet?: string | undefined;
}

/** Counts what arrived: the thread waits for it to change. */
export const TICKS = 0;
/** Not 0 once no more bytes will come. */
export const ENDED = 1;
export const SPANS = 2;
