import { rmSync } from "node:fs";
import { Worker } from "node:worker_threads";
import type { CellChecker, CheckerOptions } from "../check/cell-checker.ts";
import type {
  CheckerAnswer,
  CheckerCall,
  CheckerNews,
  CheckerThreadData,
} from "./checker-worker.ts";

/** The checker's methods, asynchronous. */
export type AsyncChecker = {
  readonly [Method in keyof CellChecker]: (
    ...args: Parameters<CellChecker[Method]>
  ) => Promise<ReturnType<CellChecker[Method]>>;
};

const isSource = import.meta.url.endsWith(".ts");

type CheckerThreadOptions = Pick<CheckerOptions, "folder" | "imports">;

/** A type checker in a worker thread. */
export interface CheckerThread {
  readonly checker: AsyncChecker;
  /** Tells the compiler's problems, those so far too. */
  hear(listener: (notice: string) => void): void;
  /** Kills the compiler before this process exits; else it prints errors of its closed pipe. */
  endProcess(): void;
}

/**
 * Starts a checker in a worker thread, to work while the main thread loads modules or runs a cell.
 */
export function startCheckerThread(options: CheckerThreadOptions): CheckerThread {
  const { folder, imports = false } = options;
  const unheard: string[] = [];
  let notice = (text: string): void => void unheard.push(text);
  const program = new URL(
    isSource ? "./checker-worker.ts" : "./checker-worker.js",
    import.meta.url,
  );
  const compiler = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const worker = new Worker(program, {
    workerData: { folder, compiler, imports } satisfies CheckerThreadData,
    // It allocates few and short-lived objects, and would use any larger space.
    resourceLimits: { maxYoungGenerationSizeMb: 4 },
    stdout: true,
    stderr: true,
  });
  worker.unref();
  const pending = new Map<number, PromiseWithResolvers<unknown>>();
  let calls = 0;
  worker.on("message", (message: CheckerAnswer | CheckerNews) => {
    if ("notice" in message) return notice(message.notice);
    if ("folder" in message) {
      // The thread ends with the process and cannot delete its files itself.
      process.on("exit", () => rmSync(message.folder, { recursive: true, force: true }));
      return;
    }
    const { id, result, error } = message;
    const call = pending.get(id);
    pending.delete(id);
    if (error === undefined) call?.resolve(result);
    else call?.reject(error);
  });
  let lost: Error | undefined;
  worker.on("error", (error) => {
    lost = error;
    for (const call of pending.values()) call.reject(error);
    pending.clear();
  });
  const call = (method: keyof CellChecker, ...args: unknown[]): Promise<unknown> => {
    if (lost) return Promise.reject(lost);
    const id = ++calls;
    const answer = Promise.withResolvers<unknown>();
    pending.set(id, answer);
    worker.postMessage({ id, method, args } satisfies CheckerCall);
    return answer.promise;
  };
  const checker = new Proxy({} as AsyncChecker, {
    get: (_target, method: keyof CellChecker) => call.bind(undefined, method),
  });
  const hear = (listener: typeof notice) => {
    notice = listener;
    unheard.splice(0).forEach(listener);
  };
  return { checker, hear, endProcess: () => kill(Atomics.load(compiler, 0)) };
}

/** Kills a process; does nothing if it has ended. */
function kill(pid: number): void {
  try {
    if (pid > 0) process.kill(pid, "SIGKILL");
  } catch {
    // Has ended already.
  }
}
