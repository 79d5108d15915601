import { open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeTemporaryFolder } from "../../src/core/temporary-folder.ts";
import { FileSink } from "../../src/lake/local/file-sink.ts";

/** Writes bytes through a sink, in pieces of `size`: where it gives memory, every other one in that. */
async function writeThrough(content: Buffer, size: number): Promise<Buffer> {
  const folder = makeTemporaryFolder("file-sink-test");
  const path = join(folder, "file");
  const file = await open(path, "w");
  try {
    const written: number[] = [];
    const block = { start: 0, end: content.length };
    const sink = new FileSink(file, path, block, ({ end }) => written.push(end));
    let memory: Uint8Array | undefined;
    for (let at = 0, end = 0; at < content.length; at = end) {
      const isGiven = memory && memory.length > 0 && (at / size) % 2 < 1;
      end = Math.min(
        at + (isGiven && memory ? Math.min(size, memory.length) : size),
        content.length,
      );
      let piece: Uint8Array = Buffer.from(content.subarray(at, end));
      if (isGiven && memory) {
        memory.set(piece);
        piece = memory.subarray(0, piece.length);
      }
      const taken = sink.write(piece);
      memory = taken instanceof Uint8Array ? taken : undefined;
      await taken;
    }
    await sink.close();
    expect(written.at(-1)).toBe(content.length);
    return await readFile(path);
  } finally {
    await file.close();
    await rm(folder, { recursive: true });
  }
}

test.each([
  ["a few bytes, whose memory Node.js shares with others", 20, 7],
  ["megabytes, in pieces that do not fill a buffer evenly", 3_500_000, 61_003],
  ["megabytes, in pieces that do", 4 * 2 ** 20, 2 ** 16],
])("%s are written as they are", async (_name, length, size) => {
  const content = Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 255));
  expect(Buffer.compare(await writeThrough(content, size), content)).toBe(0);
});
