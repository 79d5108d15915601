import { closeSync, openSync, readSync, rmSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import { PartCollector } from "./collect-parts.ts";
import type { CsvPart, PlainResult } from "./csv-part.ts";
import { collectSoon } from "./held-memory.ts";
import { ParquetFile } from "./parquet-file.ts";
import { PlainReader } from "./plain-reader.ts";
import { ENDED, type ReadCall, SPANS, TICKS } from "./read-call.ts";
import type { RowParser, RowSink } from "./row-parser.ts";
import { fileIn } from "./rows-program.ts";

// The thread that reads CSV files: one at a time, while their bytes arrive.

const READ_AT_ONCE = 2 ** 20;

parentPort?.on("message", (call: ReadCall) => {
  const result = call.parquet === undefined ? toParts(call) : toParquet(call, call.parquet);
  parentPort?.postMessage(result);
  // What is shared is free when no thread has it any more.
  collectSoon();
});

function toParts(call: ReadCall): PlainResult | undefined {
  const collector = new PartCollector();
  const parser = read(call, collector);
  return parser && resultOf(parser, collector.parts);
}

function toParquet(call: ReadCall, path: string): PlainResult | undefined {
  const file = new ParquetFile(path);
  try {
    const parser = read(call, file);
    if (!parser) return undefined;
    if (file.end()) return resultOf(parser);
    // A column of whole numbers has a fraction further down: all of it is one of decimals.
    rmSync(path);
    return toParquet({ ...call, kinds: parser.kinds }, path);
  } finally {
    file.close();
  }
}

function resultOf({ columns }: RowParser, parts: readonly CsvPart[] = []): PlainResult {
  return { names: columns.map(({ name }) => name), kinds: columns.map(({ kind }) => kind), parts };
}

/** @returns nothing where the strict reading is needed, or the bytes end too early */
function read({ memory, progress, file, ...options }: ReadCall, sink: RowSink) {
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
      if (state === "done") return reader.parser;
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
