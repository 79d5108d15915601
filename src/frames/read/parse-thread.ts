import { Worker } from "node:worker_threads";
import type { ErrorCode } from "../../core/error-codes/error-codes.ts";
import { type ErrorFacts, FrameError } from "../../core/errors.ts";
import type { StagedFile } from "../cache/stage.ts";
import type { WorkbookColumn } from "../write/write-workbook.ts";
import type { ReadOptions } from "./read-options.ts";

/** What a thread is to parse. */
export interface ParseTask {
  readonly kind: "excel" | "json";
  readonly file: StagedFile;
  readonly options: ReadOptions;
  /** Where the thread may write while it works. */
  readonly part?: string;
}

/** A workbook that a thread is to write. */
export interface WorkbookTask {
  readonly kind: "workbook";
  readonly localFile: string;
  readonly rows: number;
  readonly columns: readonly WorkbookColumn[];
}

/** What the thread says: parts of the result, and how it ended. */
export type ParseAnswer =
  | { readonly part: unknown }
  | { readonly done: true }
  | { readonly error: unknown }
  | {
      readonly refused: {
        readonly code: string;
        readonly message: string;
        readonly facts: ErrorFacts;
      };
    };

/** How long a thread waits for another task before it ends, in milliseconds. */
const IDLE_MS = 5000;

let idle: { readonly worker: Worker; readonly timer: NodeJS.Timeout } | undefined;

/** Parses a file, see `runInThread`. @returns the parts of the result, in order */
export function parseInThread<T>(task: ParseTask, signal?: AbortSignal): Promise<T[]> {
  return runInThread({ ...task, options: plain(task.options) }, signal);
}

/**
 * Does a task in a thread of its own, where it keeps nobody waiting and can be ended at any moment:
 * those who read and write such files know nothing of an `AbortSignal`.
 *
 * @returns the parts of the result, in order
 * @throws FrameError as they do; `TOO_LARGE` when the thread ran out of memory; the signal's reason
 */
export async function runInThread<T>(
  task: ParseTask | WorkbookTask,
  signal?: AbortSignal,
): Promise<T[]> {
  signal?.throwIfAborted();
  const worker = takeWorker();
  const { promise, resolve, reject } = Promise.withResolvers<T[]>();
  const parts: T[] = [];
  let isWell = false;
  const listen = (answer: ParseAnswer) => {
    if ("part" in answer) return parts.push(answer.part as T);
    isWell = true;
    if ("done" in answer) return resolve(parts);
    if ("error" in answer) return reject(answer.error);
    const { code, message, facts } = answer.refused;
    return reject(new FrameError(code as ErrorCode, message, facts));
  };
  const fail = (error: unknown) => reject(explained(error, task));
  const abort = () => reject(signal?.reason);
  worker.on("message", listen).on("error", fail);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    worker.postMessage(task);
    return await promise;
  } finally {
    signal?.removeEventListener("abort", abort);
    worker.off("message", listen).off("error", fail);
    if (isWell) keepWorker(worker);
    else await endWorker(worker);
  }
}

/** The options that the parsers know: others, such as functions, cannot go to a thread. */
function plain(options: ReadOptions): ReadOptions {
  const { sheet, header, skip, maxCells, maxColumns, maxUnpackedBytes } = options;
  const known = { sheet, header, skip, maxCells, maxColumns, maxUnpackedBytes };
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
}

function takeWorker(): Worker {
  if (idle) {
    const { worker, timer } = idle;
    idle = undefined;
    clearTimeout(timer);
    worker.removeAllListeners("error");
    worker.ref();
    return worker;
  }
  const file = import.meta.url.endsWith(".ts") ? "./parse-worker.ts" : "./parse-worker.js";
  // What a library prints is not for whoever loads a file, and what this process was started with
  // is not always allowed in a thread.
  const options = { stdout: true, stderr: true, execArgv: [] };
  return new Worker(new URL(file, import.meta.url), options);
}

function keepWorker(worker: Worker): void {
  if (idle) return void endWorker(worker);
  worker.unref();
  const forget = () => {
    if (idle?.worker === worker) idle = undefined;
    void endWorker(worker);
  };
  worker.on("error", forget);
  idle = { worker, timer: setTimeout(forget, IDLE_MS).unref() };
}

async function endWorker(worker: Worker): Promise<void> {
  worker.on("error", () => {});
  await worker.terminate();
}

function explained(cause: unknown, task: ParseTask | WorkbookTask): unknown {
  if ((cause as { code?: string }).code !== "ERR_WORKER_OUT_OF_MEMORY") return cause;
  const isBook = task.kind === "workbook";
  const what = isBook ? "the workbook" : task.file.entry.path;
  const work = isBook ? "write" : "parse";
  return new FrameError("TOO_LARGE", `${what} takes more memory to ${work} than there is`, {
    hint: "Split it, or write it as CSV or Parquet, which are read and written piece by piece.",
    cause,
  });
}
