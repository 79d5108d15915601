import { once } from "node:events";
import { PassThrough, type Readable } from "node:stream";
import { LakeError } from "../core/errors.ts";
import { type Listing, listingOf } from "../core/listing.ts";
import type { Guard } from "./guard.ts";
import type {
  GlobOptions,
  Lake,
  LakeCallOptions,
  LakeEntry,
  ReadBytesOptions,
  ReadOptions,
} from "./lake.ts";
import { parseGlob, withHidden } from "./list/glob.ts";
import { listBelow, listGlob } from "./list/list-glob.ts";
import { addUp, drawTree } from "./list/usage.ts";
import { liesAt, readBlocks, readRange } from "./read-range.ts";

/** Bytes that a stream buffers. */
const STREAM_BUFFER = 1024 * 1024;

/** The methods of a lake that change nothing. */
export type LakeReading = Pick<
  Lake,
  "list" | "stat" | "exists" | "read" | "readText" | "stream" | "du" | "tree"
>;

export function readMethods(guard: Guard): LakeReading {
  const { store, retryPolicy } = guard;

  function list(pattern = "", options: GlobOptions = {}): Listing<LakeEntry> {
    const what = `${pattern || "the root"} in ${guard.name}`;
    return listingOf({ what, noun: "path" }, () => walk(pattern, options));
  }

  async function* walk(
    pattern: string,
    { hidden = false, signal }: GlobOptions,
  ): AsyncGenerator<LakeEntry> {
    const glob = parseGlob(pattern.includes("://") ? guard.path(pattern) : pattern);
    const isPath = typeof glob === "string";
    const base = guard.path(isPath ? glob : glob.base);
    try {
      const entry = isPath && base ? await store.stat(base, signal) : undefined;
      if (entry?.kind === "file") {
        yield entry;
        return;
      }
      const pages = isPath
        ? listOne(base, signal)
        : listGlob(store, hidden ? withHidden(glob) : glob, signal);
      for await (const entries of pages) for (const each of entries) yield each;
    } catch (error) {
      throw await guard.explain(error, "list", base, signal);
    }
  }

  async function* listOne(directory: string, signal: AbortSignal | undefined) {
    const pages = store.listPages(directory, { recursive: false, signal });
    for await (const { entries } of pages) yield entries;
  }

  function stat(path: string, { signal }: LakeCallOptions = {}): Promise<LakeEntry> {
    return guard.attempt("read", path, signal, (clean) => store.stat(clean, signal));
  }

  async function exists(path: string, { signal }: LakeCallOptions = {}): Promise<boolean> {
    try {
      return (await guard.find(path, signal)) !== undefined;
    } catch (error) {
      // A missing file system is an error, unless `path` is the root of it.
      const isAnswer = error instanceof LakeError && error.code === "FILE_SYSTEM_NOT_FOUND";
      if (isAnswer && guard.path(path) === "") return false;
      throw error;
    }
  }

  async function read(path: string, options: ReadBytesOptions = {}): Promise<Uint8Array> {
    const { signal, ...range } = checkRange(options);
    const { into, onBytes } = options;
    if (range.length === 0) return new Uint8Array();
    return guard.attempt("read", path, signal, async (clean) => {
      let all: Uint8Array | undefined;
      const { offset } = range;
      await readBlocks(
        store,
        clean,
        range,
        (block, { size }) => {
          const length = Math.min(range.length ?? size, size - offset);
          all ??= into ? roomIn(into, length) : Buffer.allocUnsafeSlow(length);
          const target = bufferOver(all);
          return {
            write: (bytes, position) => {
              const [at, end] = [position - offset, position - offset + bytes.length];
              // Into shared memory, `set` goes byte by byte, which takes three times as long.
              if (!liesAt(bytes, target, at)) bufferOver(bytes).copy(target, at);
              onBytes?.(position, position + bytes.length);
              return target.subarray(end, block.end - offset);
            },
          };
        },
        { retryPolicy, signal },
      );
      return all ?? new Uint8Array();
    });
  }

  async function readText(path: string, options: LakeCallOptions = {}): Promise<string> {
    return new TextDecoder().decode(await read(path, options));
  }

  function stream(path: string, options: ReadOptions = {}): Readable {
    const { signal: outer, ...range } = checkRange(options);
    const ended = new AbortController();
    const signal = outer ? AbortSignal.any([outer, ended.signal]) : ended.signal;
    const passing = new PassThrough({ highWaterMark: STREAM_BUFFER });
    passing.once("close", () => ended.abort());
    const sink = async (bytes: Uint8Array) => {
      if (!passing.write(Buffer.from(bytes))) await once(passing, "drain", { signal });
    };
    const pass = async (clean: string) => {
      if (range.length !== 0) await readRange(store, clean, range, sink, { retryPolicy, signal });
    };
    guard.attempt("read", path, outer, pass).then(
      () => passing.end(),
      (error) => passing.destroy(error),
    );
    return passing;
  }

  async function tree(
    path = "",
    { depth = Number.POSITIVE_INFINITY, signal }: LakeCallOptions & { depth?: number } = {},
  ): Promise<string> {
    return guard.attempt("list", path, signal, async (clean) => {
      const level = (entry: string) =>
        entry.split("/").length - (clean ? clean.split("/").length : 0);
      const reach = (directory: string) => (level(directory) < depth ? "some" : "none");
      const glob = { base: clean, matches: () => true, reach };
      const entries: LakeEntry[] = [];
      for await (const page of listGlob(store, glob, signal)) entries.push(...page);
      return drawTree(clean || guard.name, clean, entries);
    });
  }

  return {
    list,
    stat,
    exists,
    read,
    readText,
    stream,
    tree,
    du: (path = "", { signal } = {}) =>
      guard.attempt("list", path, signal, (clean) => addUp(listBelow(store, clean, signal))),
  };
}

function roomIn(memory: Uint8Array, bytes: number): Uint8Array {
  if (bytes <= memory.length) return memory.subarray(0, bytes);
  throw new LakeError(
    "BAD_RANGE",
    `there are ${bytes} bytes to read into memory of ${memory.length}`,
  );
}

function checkRange({ offset = 0, length, etag, signal }: ReadOptions) {
  const fits = (value: number) => Number.isSafeInteger(value) && value >= 0;
  if (fits(offset) && fits(length ?? 0)) {
    return { offset, ...(length !== undefined && { length }), ...(etag && { etag }), signal };
  }
  throw new LakeError("BAD_RANGE", `offset ${offset} and length ${length} are not byte counts`);
}

function bufferOver({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}
