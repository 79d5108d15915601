import { ThreadPool } from "../thread-pool.ts";
import type { PlainResult } from "./csv-part.ts";
import type { ReadCall } from "./read-call.ts";

const threads = new ThreadPool("./csv-worker", import.meta.url, 60_000);

/**
 * Reads a file in a thread, which is kept for the next one.
 *
 * @param signal ends the thread
 * @returns nothing where the file is not plain, or the thread could not read it
 */
export async function readInThread(
  call: ReadCall,
  signal: AbortSignal | undefined,
): Promise<PlainResult | undefined> {
  let result: PlainResult | undefined;
  const receive = (answer: PlainResult | undefined) => {
    result = answer;
    return true;
  };
  await threads.run(call, receive, signal).catch(() => {
    signal?.throwIfAborted();
    // It ended, most likely for want of memory: the strict reading may need less.
  });
  return result;
}
