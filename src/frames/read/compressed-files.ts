import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { type Duplex, pipeline as pipe, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
// As a whole: see refuse-old-node.ts.
import zlib from "node:zlib";
import { FrameError } from "../../core/errors.ts";
import type { StagedFile } from "../cache/stage.ts";

const GZIP = /\.(gz|gzip)$/i;
const ZSTD = /\.(zst|zstd)$/i;

const READ_AT_ONCE = 2 ** 20;

/** Default of `maxUnpackedBytes` in `ReadOptions`. */
const MAX_UNPACKED = 8 * 2 ** 30;

/** Unpacked bytes of copies that were checked. */
const whole = new Map<string, number>();

/**
 * Unpacks compressed files once to check that they are complete: the engine takes a truncated file
 * for a shorter one.
 *
 * @throws FrameError `BAD_FILE`, `TOO_LARGE`
 */
export async function refuseTruncated(
  files: readonly StagedFile[],
  limitOf: (file: StagedFile) => number | undefined,
  signal?: AbortSignal,
): Promise<void> {
  for (const file of files) {
    const { localPath, entry } = file;
    const maxBytes = limitOf(file) ?? MAX_UNPACKED;
    const unpack = unpackerOf(localPath);
    const known = whole.get(localPath) ?? 0;
    if (unpack && known > maxBytes) throw tooManyBytes(entry.path, maxBytes);
    if (!unpack || whole.has(localPath)) continue;
    try {
      let bytes = 0;
      const count = (more: number) => {
        bytes += more;
        return bytes > maxBytes ? tooManyBytes(entry.path, maxBytes) : null;
      };
      const stages = [createReadStream(localPath), unpack, nowhere(count)] as const;
      await (signal ? pipeline(...stages, { signal }) : pipeline(...stages));
      whole.set(localPath, bytes);
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof FrameError) throw cause;
      throw new FrameError("BAD_FILE", `${entry.path} cannot be unpacked to its end`, {
        hint: `It was cut off or damaged: ${cause instanceof Error ? cause.message : cause}.`,
        cause,
      });
    }
  }
}

/** The bytes of a file as they come, unpacked if its name says that it is compressed. */
export function unpacked(localPath: string): AsyncIterable<Uint8Array> {
  const packed = createReadStream(localPath, { highWaterMark: READ_AT_ONCE });
  const unpack = unpackerOf(localPath);
  return unpack ? pipe(packed, unpack, () => {}) : packed;
}

/**
 * The bytes of a file, unpacked if its name says that it is compressed.
 *
 * @throws FrameError `TOO_LARGE` when there are more than `maxBytes`
 */
export async function readWhole(
  localPath: string,
  maxBytes: number,
  path: string,
): Promise<Uint8Array> {
  const bytes = await readFile(localPath);
  const limit = { maxOutputLength: maxBytes };
  try {
    if (GZIP.test(localPath))
      return await promisify<Buffer, object, Buffer>(zlib.gunzip)(bytes, limit);
    return ZSTD.test(localPath)
      ? await promisify<Buffer, object, Buffer>(zlib.zstdDecompress)(bytes, limit)
      : bytes;
  } catch (error) {
    if ((error as { code?: string }).code !== "ERR_BUFFER_TOO_LARGE") throw error;
    throw tooManyBytes(path, maxBytes, error);
  }
}

/** The error for a file that unpacks to more than the limit. */
export function tooManyBytes(path: string, limit: number, cause?: unknown): FrameError {
  const size = (limit / 2 ** 20).toLocaleString("en", { maximumFractionDigits: 1 });
  return new FrameError("TOO_LARGE", `${path} has more than ${size} MiB once it is unpacked`, {
    hint: "{ maxUnpackedBytes } raises the limit, if you trust where the file is from.",
    cause,
  });
}

export function isPacked(localPath: string): boolean {
  return GZIP.test(localPath) || ZSTD.test(localPath);
}

function unpackerOf(localPath: string): Duplex | undefined {
  if (GZIP.test(localPath)) return zlib.createGunzip();
  return ZSTD.test(localPath) ? zlib.createZstdDecompress() : undefined;
}

function nowhere(count: (bytes: number) => Error | null): Writable {
  return new Writable({
    write: (chunk: Uint8Array, _encoding, done) => done(count(chunk.length)),
  });
}
