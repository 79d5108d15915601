import { closeSync, openSync, readSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import { writeParquet } from "./parquet-file.ts";
import { PlainReader, type PlainResult } from "./plain-reader.ts";
import { ENDED, type ReadCall, SPANS, TICKS } from "./read-call.ts";
import { fileIn } from "./rows-program.ts";

// The thread that reads CSV files: one at a time, while their bytes arrive.

const READ_AT_ONCE = 2 ** 20;

parentPort?.on("message", (call: ReadCall) => {
  const parsed = read(call);
  if (parsed && call.parquet) writeParquet(call.parquet, parsed, fileIn(call.memory, call.size));
  const result = parsed && call.parquet ? { ...parsed, parts: [] } : parsed;
  const memory = result?.parts.flatMap(({ columns }) =>
    columns.flatMap(({ values, valid }) => [values.buffer, ...(valid ? [valid.buffer] : [])]),
  );
  parentPort?.postMessage(result, memory as ArrayBuffer[]);
});

function read({ memory, progress, file, parquet, ...options }: ReadCall): PlainResult | undefined {
  const reader = new PlainReader(memory, options);
  const descriptor = file === undefined ? undefined : openSync(file, "r");
  try {
    for (;;) {
      const ticks = Atomics.load(progress, TICKS);
      if (Atomics.load(progress, ENDED) !== 0) return undefined;
      // As it is now: more may arrive while the reader works.
      const state = reader.advance(progress.slice(SPANS));
      if (state === "fallback") return undefined;
      if (state === "done") return reader.result();
      if (state === "more") continue;
      if (descriptor === undefined) Atomics.wait(progress, TICKS, ticks);
      else if (!readOn(descriptor, fileIn(memory, options.size), options.size, progress))
        return undefined;
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
