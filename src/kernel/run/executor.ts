import { AsyncLocalStorage } from "node:async_hooks";
import { relative } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Bundle, bundleOf } from "../outputs.ts";
import { type CellHooks, installCellHooks, Resources } from "./cell-hooks.ts";
import { type CellImport, type CellScript, writeCellScript } from "./cell-script.ts";
import type { AsyncChecker } from "./checker-thread.ts";
import { completePath, type PathCompletion } from "./complete-path.ts";
import {
  type CellFailure,
  CellInterrupted,
  describeDiagnostics,
  describeError,
} from "./describe-error.ts";
import { ModuleLoader } from "./loader.ts";
import { Repl } from "./repl.ts";
import { ReplNames } from "./repl-names.ts";
import { type CellSource, installStackTraces, placeError } from "./stack.ts";
import type { Position } from "./text-edits.ts";

/** One run of a cell. Kept as long as its timers and callbacks live. */
export interface CellRun {
  /** `In[3]`. */
  readonly name: string;
  /** Aborted when the cell is interrupted. */
  readonly signal: AbortSignal;
  /** Fails the run with an error from a callback; false when it has already ended. */
  fail(failure: CellFailure): boolean;
}

/** Result of a cell. */
export interface Outcome {
  /** Present when it failed. */
  readonly failure?: CellFailure;
  /** Its value by MIME type; absent when it has none. */
  readonly bundle?: Bundle;
}

export interface ExecutorOptions {
  /** The notebook's folder. */
  readonly folder: string;
  readonly checker: AsyncChecker;
}

/** Runs cells one after another; later cells see what earlier ones declared. */
export class Executor {
  /** All cells that ran, by their names in stack traces. */
  readonly cells = new Map<string, CellSource>();
  /** Gives any callback the cell run that started it. */
  readonly context = new AsyncLocalStorage<CellRun>();
  #interrupt: (() => void) | undefined;
  readonly #checker: AsyncChecker;
  readonly #loader: ModuleLoader;
  readonly #hooks: CellHooks;
  readonly #repl = new Repl();
  readonly #names = new ReplNames(this.#repl);
  readonly #resources = new WeakMap<CellRun, Resources>();

  constructor({ folder, checker }: ExecutorOptions) {
    this.#checker = checker;
    this.#loader = new ModuleLoader({
      folder,
      onChanged: (paths) => {
        for (const path of paths)
          console.log(`${relative(folder, path)} has changed and is loaded again`);
      },
    });
    const running = () => this.context.getStore();
    this.#hooks = installCellHooks(folder, this.#loader, () => {
      const run = running();
      return run && this.#resources.get(run);
    });
    installStackTraces(this.cells, (url, place) => this.#loader.locate(url, place));
  }

  /** Loads notelake before a cell imports it. */
  prefetch(): void {
    this.#loader.import("notelake").catch(() => {
      // The cell that imports it reports the error.
    });
  }

  /** Completes a lake path at the end of `before`. */
  completePath(before: string): Promise<PathCompletion | undefined> {
    return completePath(before, (name) => this.#names.lookUp(name));
  }

  /** Stops waiting for the running cell. */
  interrupt(): void {
    this.#interrupt?.();
  }

  async execute(code: string, name: string, started: (run: CellRun) => void): Promise<Outcome> {
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
    let begun: CellScript | undefined;
    this.context
      .run(run, () =>
        this.#run(code, run, (script) => {
          if (running) begun = script;
          return running;
        }),
      )
      .then(end, (error) => fail(describeError(error, this.cells)));
    const outcome = await ended.promise;
    this.#interrupt = undefined;
    if (begun) {
      const reached = outcome.failure && (await this.#names.reached(begun));
      if (!reached) this.#names.add(begun);
      void this.#checker.declare(code, name, reached).catch(() => {});
    }
    return outcome;
  }

  async #run(
    code: string,
    run: CellRun,
    begin: (script?: CellScript) => boolean,
  ): Promise<Outcome> {
    const changed = this.#loader.changedFiles();
    if (changed.length > 0) void this.#checker.filesChanged(changed);
    const checked = this.#checker.check(code, run.name);
    // Starts loading during the type check.
    if (/["']notelake["'/]/.test(code)) this.prefetch();
    // Written during it, too, though only an error that the checker does not find will be told.
    const written = attempt(() => this.#write(code, run.name));
    const diagnostics = await checked;
    if (diagnostics.length > 0) {
      return { failure: describeDiagnostics(run.name, code, diagnostics) };
    }
    // May have been interrupted meanwhile.
    if (!begin()) return {};
    void this.#checker.prepareToDeclare().catch(() => {});
    const script = written();
    const imported = await this.#load(script.imports, run.name);
    await this.#names.remember(script);
    const resources = new Resources();
    this.#resources.set(run, resources);
    if (!begin(script)) return {};
    this.#hooks.imported = imported;
    let result: { value: unknown };
    try {
      result = await this.#evaluate(script, run.name);
    } catch (error) {
      // The cell's own error takes precedence.
      await resources.dispose().catch(() => {});
      throw error;
    }
    await resources.dispose();
    const bundle = script.hasValue ? await bundleOf(await result.value) : undefined;
    // Unhandled rejections of the cell are reported before the next turn of the event loop.
    await nextTurn();
    return bundle ? { bundle } : {};
  }

  #write(code: string, name: string): CellScript {
    this.cells.set(name, { source: code, locate: (place) => place });
    try {
      const script = writeCellScript(code, this.#names, this.#loader.compilerOptions());
      this.cells.set(name, { source: code, locate: script.locate });
      return script;
    } catch (error) {
      const { position } = error as { position?: Position };
      placeError(error, position && { cell: name, ...position });
      throw error;
    }
  }

  async #load(imports: readonly CellImport[], name: string): Promise<unknown[]> {
    const values: unknown[] = [];
    for (const { specifier, attributes, imported, position } of imports) {
      try {
        const namespace = await this.#loader.import(specifier, attributes);
        values.push(...imported.map((each) => importedValue(namespace, each)));
      } catch (error) {
        placeError(error, { cell: name, ...position });
        throw error;
      }
    }
    return values;
  }

  async #evaluate({ code, locate }: CellScript, name: string): Promise<{ value: unknown }> {
    try {
      return await this.#repl.evaluate(code, name);
    } catch (error) {
      const { position } = error as { position?: Position };
      const place = error instanceof SyntaxError && position && locate(position);
      if (place) placeError(error, { cell: name, ...place });
      throw error;
    }
  }
}

/** Does something now, and returns or throws its outcome when that is asked for. */
function attempt<T>(work: () => T): () => T {
  try {
    const value = work();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/**
 * The value that an import of `name` binds; `*` is the namespace. For CommonJS modules, as
 * TypeScript and bundlers do: also names that Node's static analysis missed, and the `default` of a
 * transpiled ES module.
 */
function importedValue(namespace: Readonly<Record<string, unknown>>, name: string): unknown {
  if (name === "*") return namespace;
  const { default: whole } = namespace;
  const exports = namespace["module.exports"] as Record<string, unknown> | undefined;
  if (name === "default" && exports?.__esModule && "default" in exports) return exports.default;
  if (name in namespace) return namespace[name];
  return isObject(whole) ? whole[name] : undefined;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  (typeof value === "object" && value !== null) || typeof value === "function";
