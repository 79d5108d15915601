import { cut, isPassing, type RetryPolicy, waitBefore } from "./retry.ts";
import type { FileVersion, RangeRequest, Store } from "./store.ts";

/** Where bytes go as they arrive; `position` counts from the start of the file. */
export type Sink = (
  bytes: Uint8Array,
  position: number,
  version: FileVersion,
) => void | Promise<void>;

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
