import { parentPort, workerData } from "node:worker_threads";
import { type CellChecker, startChecker } from "../check/cell-checker.ts";
import { cellModules } from "../check/cell-modules.ts";

/** A call of a method of the checker; replies come in order. */
export interface CheckerCall {
  readonly id: number;
  readonly method: keyof CellChecker;
  readonly args: unknown[];
}

export interface CheckerAnswer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: unknown;
}

export interface CheckerThreadData {
  readonly folder: string;
  readonly imports: boolean;
  /** Shared: the id of the compiler's process, 0 while there is none. */
  readonly compiler: Int32Array<SharedArrayBuffer>;
}

/** Unsolicited messages of the thread; `folder` is to be deleted when the process exits. */
export type CheckerNews = { readonly notice: string } | { readonly folder: string };

const port = parentPort;
if (!port) throw new Error("checker-worker runs as a worker thread");
const tell = (news: CheckerNews) => port.postMessage(news);
const { compiler, ...options } = workerData as CheckerThreadData;
const checker = startChecker({
  ...options,
  modules: cellModules(options.folder),
  onProcess: (pid) => Atomics.store(compiler, 0, pid),
  notice: (notice) => tell({ notice }),
  onFolder: (folder) => tell({ folder }),
});
port.on("message", ({ id, method, args }: CheckerCall) => {
  const answer = (content: Omit<CheckerAnswer, "id">) => port.postMessage({ id, ...content });
  try {
    const call = checker[method as keyof typeof checker] as (...args: unknown[]) => unknown;
    answer({ result: call.apply(checker, args) });
  } catch (error) {
    answer({ error: error instanceof Error ? error : String(error) });
  }
  if (method === "close") port.close();
});
