import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { type Duplex, pipeline as pipe, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
// As a whole: see refuse-old-node.ts.
import zlib from "node:zlib";
import { FrameError } from "../../core/errors.ts";
import type { StagedFile } from "../staging.ts";

const GZIP = /\.(gz|gzip)$/i;
const ZSTD = /\.(zst|zstd)$/i;

const READ_AT_ONCE = 2 ** 20;

/** Copies that have been found whole. */
const whole = new Set<string>();

/**
 * Unpacks compressed files once to see that they are whole: the engine takes a file that was cut
 * off for one that ends early.
 *
 * @throws FrameError `BAD_FILE`
 */
export async function refuseCut(files: readonly StagedFile[]): Promise<void> {
  for (const { localPath, entry } of files) {
    const unpack = unpackerOf(localPath);
    if (!unpack || whole.has(localPath)) continue;
    try {
      await pipeline(createReadStream(localPath), unpack, nowhere());
      whole.add(localPath);
    } catch (cause) {
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

/** The bytes of a file, unpacked if its name says that it is compressed. */
export async function readWhole(localPath: string): Promise<Uint8Array> {
  const bytes = await readFile(localPath);
  if (GZIP.test(localPath)) return zlib.gunzipSync(bytes);
  return ZSTD.test(localPath) ? zlib.zstdDecompressSync(bytes) : bytes;
}

function unpackerOf(localPath: string): Duplex | undefined {
  if (GZIP.test(localPath)) return zlib.createGunzip();
  return ZSTD.test(localPath) ? zlib.createZstdDecompress() : undefined;
}

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}
