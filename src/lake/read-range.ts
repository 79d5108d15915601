import { runAll } from "../core/run-all.ts";
import type { Taken } from "./http/range-connection.ts";
import { cut, isPassing, type RetryPolicy, waitBefore } from "./http/retry.ts";
import type { FileVersion, RangeRequest, Store } from "./store.ts";

/** Receives bytes as they arrive; `position` counts from the start of the file. */
export type Sink = (bytes: Uint8Array, position: number, version: FileVersion) => Taken;

/** How to read. */
export interface ReadingOptions {
  readonly retryPolicy: RetryPolicy;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a range of a file into `sink`. When the connection breaks, ends early or goes silent, it
 * continues after the last byte that arrived, and only ever with the version it began with.
 *
 * @throws what the store throws, once `retryPolicy` is used up without a single byte of progress
 */
export async function readRange(
  store: Store,
  path: string,
  range: RangeRequest,
  sink: Sink,
  { retryPolicy, signal }: ReadingOptions,
): Promise<FileVersion> {
  let position = range.offset;
  let end = range.length === undefined ? undefined : range.offset + range.length;
  let version: FileVersion | undefined;
  for (let attempt = 1; ; attempt++) {
    const before = position;
    try {
      const etag = version?.etag ?? range.etag;
      const requested = {
        offset: position,
        ...(end !== undefined && { length: end - position }),
        ...(etag && { etag }),
        known: version ?? range.known,
      };
      let stop = 0;
      const begin = (match: FileVersion) => {
        version ??= match;
        stop = Math.min(end ?? match.size, match.size);
        end = stop;
      };
      const bytes = (chunk: Uint8Array) => {
        const start = position;
        const part = chunk.subarray(0, stop - start);
        position += part.length;
        return version && sink(part, start, version);
      };
      await store.fetchRange(path, requested, { begin, bytes }, signal);
      if (version && position >= stop) return version;
      throw cut("the reply ended early");
    } catch (error) {
      if (position > before) attempt = 1;
      if (signal?.aborted || attempt >= retryPolicy.tries || !isPassing(error)) throw error;
      await waitBefore(attempt, error, retryPolicy, signal);
    }
  }
}

/** Bytes of a file that are asked for in one request. */
export const BLOCK = 32 * 1024 * 1024;
/** Requests for one file at once. */
const PARALLEL = 6;

/** Part of a file, from its first byte to before its end. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Receives the bytes of one block, in order. */
export interface BlockSink {
  /**
   * `bytes` is reused once this returns: copy what is needed later. Reading pauses until a returned
   * promise is settled. The bytes that follow may come in memory that was returned, from its start.
   */
  write(bytes: Uint8Array, position: number): Taken;
  /** All of the block was written. */
  close?(): Promise<void>;
}

/** Whether bytes came in the memory that a sink gave for them: at `position` of `memory`. */
export function liesAt(bytes: Uint8Array, memory: Uint8Array, position: number): boolean {
  return bytes.buffer === memory.buffer && bytes.byteOffset === memory.byteOffset + position;
}

/** Makes a sink for each block; `version` is the same for all of them. */
export type OpenBlock = (block: Span, version: FileVersion) => BlockSink;

/** What is missing of a transfer that was begun earlier. */
export interface Remainder {
  readonly version: FileVersion;
  readonly missing: readonly Span[];
}

/**
 * Reads a range of a file, several blocks at a time, all of one version.
 *
 * @param remainder when given, only what it says is missing is read
 */
export async function readBlocks(
  store: Store,
  path: string,
  range: RangeRequest,
  open: OpenBlock,
  options: ReadingOptions,
  remainder?: Remainder,
): Promise<FileVersion> {
  // All blocks are of the version of the first reply.
  const first = Promise.withResolvers<FileVersion>();
  first.promise.catch(() => {}); // `runAll` throws the same failure
  let agreed: FileVersion | undefined;
  const agree = (version: FileVersion) => {
    agreed ??= version;
    first.resolve(agreed);
  };
  if (remainder) agree(remainder.version);
  const read = async (block: Span, signal: AbortSignal) => {
    let sink: BlockSink | undefined;
    const etag = agreed?.etag ?? range.etag;
    const receive = (bytes: Uint8Array, position: number, version: FileVersion) => {
      agree(version);
      sink ??= open(block, version);
      return sink.write(bytes, position);
    };
    const part = {
      offset: block.start,
      length: block.end - block.start,
      ...(etag && { etag }),
      known: agreed ?? range.known,
    };
    try {
      agree(await readRange(store, path, part, receive, { ...options, signal }));
      await sink?.close?.();
    } catch (error) {
      first.reject(error);
      throw error;
    }
  };
  const blocks = remainder ? remainder.missing.flatMap(cutSpan) : plan(range, first.promise);
  await runAll(blocks, PARALLEL, read, options.signal);
  return first.promise;
}

/** The first block, whose reply tells the file's size, and then the others. */
async function* plan(range: RangeRequest, version: Promise<FileVersion>): AsyncGenerator<Span> {
  const { offset, length = Number.MAX_SAFE_INTEGER - offset } = range;
  const first = { start: offset, end: offset + Math.min(length, BLOCK) };
  yield first;
  const { size } = await version;
  yield* cutSpan({ start: first.end, end: Math.min(offset + length, size) });
}

function cutSpan({ start, end }: Span): Span[] {
  const blocks: Span[] = [];
  for (let at = start; at < end; at += BLOCK) {
    blocks.push({ start: at, end: Math.min(at + BLOCK, end) });
  }
  return blocks;
}
