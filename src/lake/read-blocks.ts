import { runAll } from "../core/run-all.ts";
import { type ReadingOptions, readRange } from "./range-reader.ts";
import type { FileVersion, RangeRequest, Store } from "./store.ts";

/** Bytes of a file that are asked for in one request. */
export const BLOCK = 32 * 1024 * 1024;
/** Requests for one file at once. */
const PARALLEL = 6;

/** Part of a file, from its first byte to before its end. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Takes the bytes of one block, in order. */
export interface BlockSink {
  /** `bytes` is only lent until this returns; a promise holds the connection back until then. */
  write(bytes: Uint8Array, position: number): void | Promise<void>;
  /** All of the block was written. */
  close?(): Promise<void>;
}

/** Makes a sink for each block; `version` is the same for all of them. */
export type OpenBlock = (block: Span, version: FileVersion) => BlockSink;

/** What is left to do of a transfer that was begun earlier. */
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
  const agreed = new AgreedVersion(remainder?.version);
  const read = async (block: Span, signal: AbortSignal) => {
    let sink: BlockSink | undefined;
    const etag = agreed.version?.etag ?? range.etag;
    const receive = (bytes: Uint8Array, position: number, version: FileVersion) => {
      agreed.set(version);
      sink ??= open(block, version);
      return sink.write(bytes, position);
    };
    const part = {
      offset: block.start,
      length: block.end - block.start,
      ...(etag && { etag }),
      known: agreed.version ?? range.known,
    };
    try {
      agreed.set(await readRange(store, path, part, receive, { ...options, signal }));
      await sink?.close?.();
    } catch (error) {
      agreed.fail(error);
      throw error;
    }
  };
  const blocks = remainder ? remainder.missing.flatMap(cutSpan) : plan(range, agreed);
  await runAll(blocks, PARALLEL, read, options.signal);
  return agreed.later;
}

/** The first block, whose reply tells the file's size, and then the others. */
async function* plan(range: RangeRequest, agreed: AgreedVersion): AsyncGenerator<Span> {
  const { offset, length = Number.MAX_SAFE_INTEGER - offset } = range;
  const first = { start: offset, end: offset + Math.min(length, BLOCK) };
  yield first;
  const { size } = await agreed.later;
  for (const block of cutSpan({ start: first.end, end: Math.min(offset + length, size) }))
    yield block;
}

function cutSpan({ start, end }: Span): Span[] {
  const blocks: Span[] = [];
  for (let at = start; at < end; at += BLOCK) {
    blocks.push({ start: at, end: Math.min(at + BLOCK, end) });
  }
  return blocks;
}

/** The version that all blocks are of: the one of the first reply. */
class AgreedVersion {
  version: FileVersion | undefined;
  readonly later: Promise<FileVersion>;
  #resolve = (_version: FileVersion) => {};
  #reject = (_error: unknown) => {};

  constructor(version: FileVersion | undefined) {
    this.later = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.later.catch(() => {}); // whoever waits hears of it; if nobody waits, it is thrown anyway
    if (version) this.set(version);
  }

  set(version: FileVersion): void {
    this.version ??= version;
    this.#resolve(version);
  }

  fail(error: unknown): void {
    this.#reject(error);
  }
}
