import { closeSync, openSync, readSync, rmSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import { PartCollector } from "./collect-parts.ts";
import type { CellKind, CsvPart, PlainResult } from "./csv-part.ts";
import { collectSoon } from "./held-memory.ts";
import { ParquetFile } from "./parquet-file.ts";
import { PlainReader } from "./plain-reader.ts";
import { ENDED, type ReadCall, SPANS, TICKS } from "./read-call.ts";
import type { RowSink } from "./row-parser.ts";
import { fileIn, MOST_BYTES } from "./rows-program.ts";

// The thread that reads CSV files: one at a time, while their bytes arrive.

const READ_AT_ONCE = 2 ** 20;
const COLLECT_AFTER_MS = 200;

parentPort?.on("message", (call: ReadCall) => {
  parentPort?.postMessage(readAll(call));
  // What is shared is free when no thread has it any more. First, whoever asked has the processor.
  setTimeout(collectSoon, COLLECT_AFTER_MS).unref();
});

/** What the columns turned out to be, when so many bytes were parsed. */
interface Again {
  readonly again: readonly CellKind[];
  readonly parsed: number;
}

/** How often, in all, the bytes of a file may be parsed: that takes as long as the strict reading. */
const MOST_TIMES = 8;

/** Reads a file, from its beginning again where columns turn out to be of other kinds. */
function readAll(call: ReadCall): PlainResult | undefined {
  let { kinds } = call;
  for (let parsed = 0; parsed <= (MOST_TIMES - 1) * call.size; ) {
    const attempt = { ...call, kinds };
    const read = call.parquet === undefined ? toParts(attempt) : toParquet(attempt, call.parquet);
    if (!read || !("again" in read)) return read;
    kinds = read.again;
    // Where it stopped, it had begun with some more.
    parsed += read.parsed + MOST_BYTES;
  }
  return undefined;
}

function toParts(call: ReadCall): PlainResult | Again | undefined {
  const collector = new PartCollector();
  const reader = read(call, collector);
  if (!reader) return undefined;
  const { otherKinds: again, parsed } = reader;
  return again ? { again, parsed } : resultOf(reader, collector.parts);
}

function toParquet(call: ReadCall, path: string): PlainResult | Again | undefined {
  const file = new ParquetFile(path);
  try {
    const reader = read(call, file);
    if (!reader) return undefined;
    let again = reader.otherKinds;
    // A column of whole numbers may have a fraction further down: all of it is one of decimals.
    if (!again && !file.end()) again = reader.parser?.kinds;
    if (!again) return resultOf(reader);
    rmSync(path);
    return { again, parsed: reader.parsed };
  } finally {
    file.close();
  }
}

function resultOf({ parser }: PlainReader, parts: readonly CsvPart[] = []): PlainResult {
  const columns = parser?.columns ?? [];
  return { names: columns.map(({ name }) => name), kinds: columns.map(({ kind }) => kind), parts };
}

/**
 * Reads to the end, or to where it is known that columns are of other kinds.
 *
 * @returns nothing where the strict reading is needed, or the bytes end too early
 */
function read(
  { memory, progress, file, ...options }: ReadCall,
  sink: RowSink,
): PlainReader | undefined {
  const reader = new PlainReader(memory, options, sink);
  const bytes = fileIn(memory, options.size);
  const descriptor = file === undefined ? undefined : openSync(file, "r");
  try {
    for (;;) {
      const ticks = Atomics.load(progress, TICKS);
      if (Atomics.load(progress, ENDED) !== 0) return undefined;
      // As it is now: more may arrive while the reader works.
      const state = reader.advance(progress.slice(SPANS));
      if (state === "fallback") return undefined;
      if (state === "done" || state === "again") return reader;
      if (state === "more") continue;
      if (descriptor === undefined) Atomics.wait(progress, TICKS, ticks);
      else if (!readOn(descriptor, bytes, options.size, progress)) return undefined;
    }
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Reads some more of a file of this machine; false at an end that comes too early. */
function readOn(file: number, bytes: Uint8Array, size: number, progress: Int32Array): boolean {
  const at = progress[SPANS] as number;
  const count = readSync(file, bytes, at, Math.min(READ_AT_ONCE, size - at), at);
  progress[SPANS] = at + count;
  return count > 0;
}
