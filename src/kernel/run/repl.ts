import { type Runtime, Session } from "node:inspector";
import { Script } from "node:vm";
import type { CellHooks } from "./cell-hooks.ts";
import { HOOKS, HOOKS_CODE } from "./cell-rewriter.ts";
import { CellInterrupted } from "./failure.ts";
import type { Position } from "./text-edits.ts";

/** What came of a script. */
export interface Evaluation {
  readonly value: unknown;
  /** Present when `value` was thrown. */
  readonly thrownAt?: Position;
}

const GROUP = "notelake";

/**
 * V8's REPL mode, by the inspector: each script sees what earlier ones declared with `let`, may
 * declare it again, and may wait at its top.
 * https://chromedevtools.github.io/devtools-protocol/v8/Runtime/#method-evaluate
 */
export class Repl {
  readonly #session = new Session();
  #hooksId: string | undefined;

  constructor() {
    this.#session.connect();
  }

  /**
   * Runs a script, which has begun when this returns its promise.
   *
   * @returns what its last statement that has a value came to, or what it threw, and then where:
   *   that is the place of the error only if V8 refused the script before it began
   * @throws CellInterrupted when its execution was terminated
   */
  async evaluate(code: string, name: string): Promise<Evaluation> {
    const { result, exceptionDetails } = await interruptibly(() =>
      this.#post<Runtime.EvaluateReturnType>("Runtime.evaluate", {
        expression: `${code}\n//# sourceURL=${name}`,
        replMode: true,
        awaitPromise: true,
        objectGroup: GROUP,
      }),
    );
    const value = await this.#receive(exceptionDetails?.exception ?? result);
    // What a debugger would be told of console calls is kept otherwise, with their arguments.
    await this.#post("Runtime.discardConsoleEntries");
    await this.#post("Runtime.releaseObjectGroup", { objectGroup: GROUP });
    if (!exceptionDetails) return { value };
    const { lineNumber, columnNumber } = exceptionDetails;
    return { value, thrownAt: { line: lineNumber + 1, column: columnNumber + 1 } };
  }

  /** The value itself, which the protocol only describes. */
  async #receive(remote: Runtime.RemoteObject): Promise<unknown> {
    const { objectId, unserializableValue, value } = remote;
    if (!objectId && !unserializableValue) return value;
    const hooks = await this.#hooks();
    const received = this.#post("Runtime.callFunctionOn", {
      functionDeclaration: "function (value) { this.received = value; }",
      objectId: hooks,
      arguments: [objectId ? { objectId } : { unserializableValue }],
    });
    // It is there already: within one thread the protocol is synchronous.
    const found = this.#received();
    await received;
    return found;
  }

  async #hooks(): Promise<string | undefined> {
    this.#hooksId ??= (
      await this.#post<Runtime.EvaluateReturnType>("Runtime.evaluate", { expression: HOOKS_CODE })
    ).result.objectId;
    return this.#hooksId;
  }

  #received(): unknown {
    const hooks: CellHooks = Reflect.get(globalThis, HOOKS);
    const { received } = hooks;
    hooks.received = undefined;
    return received;
  }

  #post<T = unknown>(method: string, parameters: object = {}): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#session.post(method, parameters, (error, result) => {
        // The one error that a script of one's own can lead to.
        if (error) reject(new CellInterrupted());
        else resolve(result as T);
      });
    });
  }
}

const CALL = Symbol.for("notelake.call");
const trigger = new Script(`globalThis[Symbol.for("notelake.call")]()`);

/** Calls a function so that SIGINT ends even a loop that never yields. */
function interruptibly<T>(call: () => Promise<T>): Promise<T> {
  Object.assign(globalThis, { [CALL]: call });
  try {
    return trigger.runInThisContext({ breakOnSigint: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException)?.code !== "ERR_SCRIPT_EXECUTION_INTERRUPTED") throw error;
    return Promise.reject(new CellInterrupted());
  }
}
