import type { FileHandle } from "node:fs/promises";

/**
 * Writes chunks one behind the other. On a disk that fills up the system writes a part and says so;
 * what is left is then tried again, and fails with the reason.
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
