import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { Readable } from "node:stream";

const GATHER = 1024 * 1024;

/** Writes a stream to a file from `position` on, gathering small chunks into large writes. */
export async function receive(
  body: Readable,
  handle: FileHandle,
  position: number,
  digested: boolean,
): Promise<{ length: number; digest: string | undefined }> {
  const hash = digested ? createHash("md5") : undefined;
  let length = 0;
  let gathered: Buffer[] = [];
  let size = 0;
  const write = async () => {
    await handle.writev(gathered, position + length);
    length += size;
    gathered = [];
    size = 0;
  };
  for await (const chunk of body as AsyncIterable<Buffer>) {
    hash?.update(chunk);
    gathered.push(chunk);
    size += chunk.length;
    if (size >= GATHER || gathered.length >= 512) await write();
  }
  if (size > 0) await write();
  return { length, digest: hash?.digest("base64") };
}
