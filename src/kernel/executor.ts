import { AsyncLocalStorage } from "node:async_hooks";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { runInThisContext, Script } from "node:vm";
import type { ConvertResult } from "tslab/dist/converter.js";
import type { CellCompiler } from "./compiler.ts";
import {
  type CellFailure,
  CellInterrupted,
  describeDiagnostics,
  describeError,
} from "./failure.ts";
import { type Bundle, bundleOf } from "./outputs.ts";
import { createLocator } from "./source-maps.ts";
import { type CellSource, installStackTraces } from "./stack.ts";

/** One run of a cell, and what hangs on it for as long as its timers live. */
export interface CellRun {
  /** `In[3]`. */
  readonly name: string;
  /** Aborted when the cell is interrupted. */
  readonly signal: AbortSignal;
  /** Ends the run with an error from outside its own flow; false when it has already ended. */
  fail(failure: CellFailure): boolean;
}

/** How a cell ended. */
export interface Outcome {
  /** Present when it failed. */
  readonly failure?: CellFailure;
  /** What its value is shown as; absent when it has none. */
  readonly bundle?: Bundle;
}

/** Runs cells one after another; what one declares the next ones see. */
export class Executor {
  /** Every cell that ran, by its name in stack traces. */
  readonly cells = new Map<string, CellSource>();
  /** Knows, in any callback, which cell it was started from. */
  readonly context = new AsyncLocalStorage<CellRun>();
  #declared = "";
  #interrupt: (() => void) | undefined;
  readonly #compiler: CellCompiler;
  readonly #exports = createExports();
  readonly #require = createCellRequire(process.cwd());

  constructor(compiler: CellCompiler) {
    this.#compiler = compiler;
    installStackTraces(this.cells);
  }

  /** Stops waiting for the running cell. */
  interrupt(): void {
    this.#interrupt?.();
  }

  async execute(code: string, name: string, started: (run: CellRun) => void): Promise<Outcome> {
    const { converter, maps } = this.#compiler;
    const converted = converter.convert(this.#declared, code);
    if (converted.diagnostics.length > 0) {
      return { failure: describeDiagnostics(name, code, converted.diagnostics) };
    }
    this.cells.set(name, { source: code, locate: createLocator(maps) });
    const controller = new AbortController();
    const ended = Promise.withResolvers<Outcome>();
    let running = true;
    const end = (outcome: Outcome): boolean => {
      const wasRunning = running;
      running = false;
      ended.resolve(outcome);
      return wasRunning;
    };
    const fail = (failure: CellFailure) => end({ failure });
    this.#interrupt = () => {
      const interrupted = new CellInterrupted();
      controller.abort(interrupted);
      fail(describeError(interrupted, this.cells));
    };
    const run = { name, signal: controller.signal, fail };
    started(run);
    this.context
      .run(run, () => this.#run(name, converted))
      .then(end, (error) => fail(describeError(error, this.cells)));
    const outcome = await ended.promise;
    this.#interrupt = undefined;
    if (!outcome.failure) this.#declared = converted.declOutput ?? "";
    return outcome;
  }

  inspect(code: string, position: number) {
    return this.#compiler.converter.inspect(this.#declared, code, position);
  }

  complete(code: string, position: number) {
    return this.#compiler.converter.complete(this.#declared, code, position);
  }

  async #run(name: string, converted: ConvertResult): Promise<Outcome> {
    const { output = "", hasToplevelAwait, lastExpressionVar } = converted;
    const before = `(${hasToplevelAwait ? "async " : ""}function (exports, require) { `;
    const cell = runInThisContext(`${before}${output}\n})`, {
      filename: name,
      columnOffset: -before.length,
    });
    await interruptible(() => cell(this.#exports, this.#require));
    let bundle: Bundle | undefined;
    if (lastExpressionVar) {
      const value = await this.#exports[lastExpressionVar];
      delete this.#exports[lastExpressionVar];
      bundle = await bundleOf(value);
    }
    // Promises that the cell left rejected are reported before the next turn.
    await nextTurn();
    return bundle ? { bundle } : {};
  }
}

const CALL = Symbol.for("notelake.call");
const trigger = new Script(`globalThis[Symbol.for("notelake.call")]()`);

/** Calls a function so that SIGINT ends even a loop that never yields. */
function interruptible<T>(call: () => T): T {
  Object.assign(globalThis, { [CALL]: call });
  try {
    return trigger.runInThisContext({ breakOnSigint: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException)?.code !== "ERR_SCRIPT_EXECUTION_INTERRUPTED") throw error;
    throw new CellInterrupted();
  }
}

/** Where cells keep what they declare. TypeScript defines imports on it, cells assign to them. */
function createExports(): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  return new Proxy(values, {
    defineProperty(_target, name, { get, value }) {
      if (typeof name === "string" && name !== "__esModule") values[name] = get ? get() : value;
      return true;
    },
  });
}

/** `require` of the notebook's folder; a package that is not there is taken from the kernel's. */
function createCellRequire(folder: string): (id: string) => unknown {
  const own = createRequire(join(folder, "cell.js"));
  const besides = createRequire(import.meta.url);
  return (id) => {
    try {
      own.resolve(id);
    } catch (error) {
      if (/^[./]/.test(id)) throw error;
      return besides(id);
    }
    return own(id);
  };
}
