import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { type Chunk, Chunker } from "./chunks.ts";

const GATHER = 1024 * 1024;

/** Writes a stream to a file from `position` on, in large pieces. */
export async function receive(
  body: AsyncIterable<Buffer>,
  handle: FileHandle,
  position: number,
  digested: boolean,
): Promise<{ length: number; digest: string | undefined; chunks: Chunk[] }> {
  const hash = digested ? createHash("md5") : undefined;
  const chunker = new Chunker(position);
  let length = 0;
  let gathered: Buffer[] = [];
  let size = 0;
  const write = async () => {
    await writeAll(handle, gathered, position + length);
    length += size;
    gathered = [];
    size = 0;
  };
  for await (const chunk of body) {
    hash?.update(chunk);
    chunker.update(chunk);
    gathered.push(chunk);
    size += chunk.length;
    if (size >= GATHER || gathered.length >= 512) await write();
  }
  if (size > 0) await write();
  return { length, digest: hash?.digest("base64"), chunks: chunker.end() };
}

/**
 * Reads a stream until it ends or has given more than `limit` bytes.
 *
 * @returns what was read, and the rest of the stream unless it ended
 */
export async function receiveSmall(
  body: AsyncIterable<Buffer>,
  limit: number,
): Promise<{ readonly head: readonly Buffer[]; readonly rest: AsyncIterable<Buffer> | undefined }> {
  const iterator = body[Symbol.asyncIterator]();
  const head: Buffer[] = [];
  let size = 0;
  while (size <= limit) {
    const { done, value } = await iterator.next();
    if (done) return { head, rest: undefined };
    head.push(value);
    size += value.length;
  }
  return { head, rest: { [Symbol.asyncIterator]: () => iterator } };
}

/**
 * Writes chunks one after the other. A full disk writes a part of them; the next try then fails
 * with the reason.
 */
export async function writeAll(
  handle: FileHandle,
  chunks: readonly Uint8Array[],
  position: number,
): Promise<void> {
  const size = chunks.reduce((sum, { length }) => sum + length, 0);
  let { bytesWritten: done } = await handle.writev([...chunks], position);
  if (done === size) return;
  const whole = Buffer.concat(chunks);
  while (done < size) {
    const { bytesWritten } = await handle.write(whole, done, size - done, position + done);
    done += bytesWritten;
  }
}
