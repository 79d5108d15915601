import { Console } from "node:console";
import { type Runtime, Session } from "node:inspector";
import { promiseHooks } from "node:v8";
import { CellInterrupted } from "./describe-error.ts";
import { syntaxError } from "./javascript.ts";

/** Result of a script's promise: wrapped, so that a promise in it is not awaited. */
interface ReplResult {
  readonly ".repl_result": unknown;
}

type Reply = Runtime.EvaluateReturnType;

const GROUP = "notelake";

/**
 * V8's REPL mode, by the inspector: each script sees what earlier ones declared with `let`, may
 * redeclare it, and may use top-level `await`.
 * https://chromedevtools.github.io/devtools-protocol/v8/Runtime/#method-evaluate
 */
export class Repl {
  readonly #session = new Session();

  constructor() {
    this.#session.connect();
    // With an inspector session, Node's console reports each call to it, which is six times slower
    // and retains the arguments.
    const { stdout, stderr } = process;
    globalThis.console = Object.assign(new Console({ stdout, stderr }), { Console });
  }

  /**
   * Starts a script synchronously.
   *
   * @returns its completion value, which may be a promise
   * @throws what it throws; SyntaxError with `position` when V8 refuses it; CellInterrupted when it
   *   was terminated before its first `await`
   */
  async evaluate(code: string, name: string): Promise<{ readonly value: unknown }> {
    const { outcome, reply, error } = this.#begin(code, name);
    // Termination is the only error reported this way.
    if (error) throw new CellInterrupted();
    if (!outcome) throw refusal(reply?.exceptionDetails);
    return { value: (await outcome)[".repl_result"] };
  }

  /** Starts a script; if a reply is there at once, the script has ended. */
  #begin(code: string, name: string) {
    // Keeps the script's promise reachable until it ends. If V8 collected it, it would notify the
    // session during garbage collection, which crashes the process.
    const started: { outcome?: Promise<ReplResult>; reply?: Reply; error?: Error } = {};
    // The first promise created is the script's own.
    const stop = promiseHooks.onInit((promise) => {
      stop();
      started.outcome = promise as unknown as Promise<ReplResult>;
    });
    const parameters = {
      expression: `${code}\n//# sourceURL=${name}`,
      replMode: true,
      awaitPromise: true,
      objectGroup: GROUP,
      // The value comes by the promise; no description for a debugger is needed.
      serializationOptions: { serialization: "idOnly" },
    };
    this.#session.post("Runtime.evaluate", parameters, (error, reply) => {
      if (error) started.error = error;
      started.reply = reply as Reply;
      this.#session.post("Runtime.releaseObjectGroup", { objectGroup: GROUP });
    });
    stop();
    return started;
  }
}

function refusal(details: Reply["exceptionDetails"]): SyntaxError {
  const { lineNumber = 0, columnNumber = 0, exception } = details ?? {};
  const [first = ""] = (exception?.description ?? "V8 refused the cell").split("\n");
  const position = { line: lineNumber + 1, column: columnNumber + 1 };
  return syntaxError(first.replace(/^SyntaxError: /, ""), position);
}
