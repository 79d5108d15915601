import type { ErrorCode } from "../../core/error-codes/error-codes.ts";
import { type ErrorFacts, FrameError } from "../../core/errors.ts";
import type { StagedFile } from "../cache/stage.ts";
import type { WorkbookColumn } from "../write/write-workbook.ts";
import type { ReadOptions } from "./read-options.ts";
import { ThreadPool } from "./thread-pool.ts";

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

const threads = new ThreadPool("./parse-worker", import.meta.url, 5000);

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
  const parts: T[] = [];
  let last: ParseAnswer | undefined;
  const receive = (answer: ParseAnswer) => {
    last = answer;
    if ("part" in answer) parts.push(answer.part as T);
    return !("part" in answer);
  };
  await threads.run(task, receive, signal).catch((error) => {
    throw explained(error, task);
  });
  if (last && "error" in last) throw last.error;
  if (last && "refused" in last) {
    const { code, message, facts } = last.refused;
    throw new FrameError(code as ErrorCode, message, facts);
  }
  return parts;
}

/** The options that the parsers know: others, such as functions, cannot go to a thread. */
function plain(options: ReadOptions): ReadOptions {
  const { sheet, header, skip, maxCells, maxColumns, maxUnpackedBytes } = options;
  const known = { sheet, header, skip, maxCells, maxColumns, maxUnpackedBytes };
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
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
