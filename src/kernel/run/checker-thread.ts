import { rmSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { readPackage } from "../../core/package.ts";
import type { CellChecker, CheckerOptions } from "../check/cell-checker.ts";
import { SOURCE_CONDITION } from "../kernelspec.ts";
import type {
  CheckerAnswer,
  CheckerCall,
  CheckerNews,
  CheckerThreadData,
} from "./checker-worker.ts";

/** The checker's methods, answered later. */
export type AsyncChecker = {
  readonly [Method in keyof CellChecker]: (
    ...args: Parameters<CellChecker[Method]>
  ) => Promise<ReturnType<CellChecker[Method]>>;
};

const isSource = import.meta.url.endsWith(".ts");

type CheckerThreadOptions = Pick<CheckerOptions, "folder" | "notice">;

/** A checker in a thread of its own. */
export interface CheckerThread {
  readonly checker: AsyncChecker;
  /**
   * Ends the compiler when this process is about to end. Otherwise it would lose its other end in
   * the middle of its work, and print what it was doing.
   */
  endProcess(): void;
}

/**
 * Starts a checker in a thread: it works while this one loads modules or runs a cell.
 *
 * @param options `notice` is told what goes wrong with the compiler
 */
export function startCheckerThread(options: CheckerThreadOptions): CheckerThread {
  const { folder, notice = () => {} } = options;
  const program = new URL(
    isSource ? "./checker-worker.ts" : "./checker-worker.js",
    import.meta.url,
  );
  const modules = cellModules(folder);
  const compiler = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const worker = new Worker(program, {
    workerData: { folder, modules, compiler } satisfies CheckerThreadData,
    // What it makes is short-lived and small: room for more would only be taken, not needed.
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
      // The thread ends with the process, without a chance to clear away what it wrote.
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
  return { checker, endProcess: () => kill(Atomics.load(compiler, 0)) };
}

/** What answers for a specifier in cells, whatever is in node_modules. */
export function cellModules(folder: string): Record<string, string> {
  const tslab = new URL(isSource ? "./tslab.ts" : "./tslab.d.ts", import.meta.url);
  return { ...ownModules(folder), tslab: fileURLToPath(tslab) };
}

/** Nothing happens to a process that has ended. */
function kill(pid: number): void {
  try {
    if (pid > 0) process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}

/**
 * Inside of the checkout the package's own name means its sources, as Node.js resolves it, whatever
 * has that name in node_modules: `{ notelake: "/…/src/index.ts", … }`.
 */
function ownModules(folder: string): Record<string, string> {
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  if (!isSource || relative(root, folder).split(sep)[0] === "..") return {};
  const { name, exports } = readPackage();
  return Object.fromEntries(
    Object.entries(exports).flatMap(([path, targets]) => {
      const source = typeof targets === "string" ? undefined : targets[SOURCE_CONDITION];
      return source ? [[join(name, path), join(root, source)]] : [];
    }),
  );
}
