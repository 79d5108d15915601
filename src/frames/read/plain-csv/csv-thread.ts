import { Worker } from "node:worker_threads";
import type { PlainResult } from "./plain-reader.ts";
import type { ReadCall } from "./read-call.ts";

const PROGRAM = import.meta.url.endsWith(".ts") ? "./csv-worker.ts" : "./csv-worker.js";
/** Milliseconds that a thread waits for the next file. */
const IDLE_MS = 60_000;

/** Threads that have nothing to do, and when each is let go. */
const idle: { readonly worker: Worker; readonly timer: NodeJS.Timeout }[] = [];

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
  signal?.throwIfAborted();
  const worker = takeWorker();
  const { promise, resolve, reject } = Promise.withResolvers<PlainResult | undefined>();
  const end = () => {
    void worker.terminate();
    reject(signal?.reason);
  };
  const answer = (result: PlainResult | undefined) => {
    keepWorker(worker);
    resolve(result);
  };
  // It ended, most likely for want of memory: the strict reading may need less.
  const fail = () => resolve(undefined);
  signal?.addEventListener("abort", end, { once: true });
  worker.once("message", answer).once("error", fail).once("exit", fail);
  try {
    worker.postMessage(call);
    return await promise;
  } finally {
    signal?.removeEventListener("abort", end);
    worker.off("message", answer).off("error", fail).off("exit", fail);
  }
}

function takeWorker(): Worker {
  const idleWorker = idle.pop();
  clearTimeout(idleWorker?.timer);
  const worker =
    idleWorker?.worker ??
    new Worker(new URL(PROGRAM, import.meta.url), { stdout: true, stderr: true });
  worker.ref();
  return worker;
}

function keepWorker(worker: Worker): void {
  worker.unref();
  const timer = setTimeout(() => {
    idle.splice(
      idle.findIndex((each) => each.worker === worker),
      1,
    );
    void worker.terminate();
  }, IDLE_MS);
  timer.unref();
  idle.push({ worker, timer });
}
