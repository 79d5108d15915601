import { cut, isPassing, type Patience, stalled, waitBefore } from "./retry.ts";
import type { RangeReply, RangeRequest, Store } from "./store.ts";

/** What is known of a file once its first bytes arrive. */
export type FileVersion = Pick<RangeReply, "size" | "etag" | "modified">;

/** Where bytes go as they arrive; `position` counts from the start of the file. */
export type Sink = (
  bytes: Uint8Array,
  position: number,
  version: FileVersion,
) => void | Promise<void>;

/**
 * Reads a range of a file into `sink`. When the connection breaks, ends early or goes silent, it
 * continues after the last byte that arrived, and only ever with the version it began with.
 *
 * @throws what the store throws, once `patience` is used up without a single byte of progress
 */
export async function readRange(
  store: Store,
  path: string,
  range: RangeRequest,
  sink: Sink,
  { patience, signal }: { patience: Patience; signal?: AbortSignal | undefined },
): Promise<FileVersion> {
  let position = range.offset;
  let end = range.length === undefined ? undefined : range.offset + range.length;
  let version: FileVersion | undefined;
  for (let attempt = 1; ; attempt++) {
    const before = position;
    try {
      const etag = version?.etag ?? range.etag;
      const reply = await store.openRange(
        path,
        {
          offset: position,
          ...(end !== undefined && { length: end - position }),
          ...(etag && { etag }),
        },
        signal,
      );
      if (reply.offset !== position) throw cut("the reply begins elsewhere than asked");
      const { size, modified } = reply;
      version ??= { size, etag: reply.etag, modified };
      end = Math.min(end ?? size, size);
      for await (const chunk of guardIdle(reply, patience.idle)) {
        const wanted = chunk.subarray(0, end - position);
        await sink(wanted, position, version);
        position += wanted.length;
      }
      if (position >= end) return version;
      throw cut("the reply ended early");
    } catch (error) {
      if (position > before) attempt = 1;
      if (signal?.aborted || attempt >= patience.tries || !isPassing(error)) throw error;
      await waitBefore(attempt, error, patience, signal);
    }
  }
}

/** The reply's chunks; destroys the connection when none comes for `idle` milliseconds. */
async function* guardIdle({ body }: RangeReply, idle: number): AsyncGenerator<Buffer> {
  let waiting = true;
  const timer = setTimeout(() => {
    // While a chunk is being dealt with, the silence is ours.
    if (waiting) body.destroy(stalled(idle));
    else timer.refresh();
  }, idle);
  try {
    for await (const chunk of body) {
      waiting = false;
      yield chunk;
      waiting = true;
      timer.refresh();
    }
  } finally {
    clearTimeout(timer);
    body.destroy();
  }
}
