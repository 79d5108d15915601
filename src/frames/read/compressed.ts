import { createReadStream } from "node:fs";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { FrameError } from "../../core/errors.ts";
import type { StagedFile } from "../staging.ts";

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
    const unpack = /\.(gz|gzip)$/i.test(localPath)
      ? createGunzip()
      : /\.(zst|zstd)$/i.test(localPath)
        ? createZstdDecompress()
        : undefined;
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

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}
