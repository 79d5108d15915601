import { Console } from "node:console";
import { type Runtime, Session } from "node:inspector";
import { promiseHooks } from "node:v8";
import { CellInterrupted } from "./describe-error.ts";
import { syntaxError } from "./javascript.ts";

/** What the promise of a script comes to: wrapped, lest a promise in it be awaited. */
interface ReplResult {
  readonly ".repl_result": unknown;
}

type Reply = Runtime.EvaluateReturnType;

const GROUP = "notelake";

/**
 * V8's REPL mode, by the inspector: each script sees what earlier ones declared with `let`, may
 * declare it again, and may wait at its top.
 * https://chromedevtools.github.io/devtools-protocol/v8/Runtime/#method-evaluate
 */
export class Repl {
  readonly #session = new Session();

  constructor() {
    this.#session.connect();
    // With a session Node's own console tells the inspector of each call, which takes it six times
    // as long and keeps what was printed.
    const { stdout, stderr } = process;
    globalThis.console = Object.assign(new Console({ stdout, stderr }), { Console });
  }

  /**
   * Runs a script, which has begun when this returns its promise.
   *
   * @returns what its last statement that has a value came to, which may be a promise
   * @throws what it throws; SyntaxError with `position` when V8 refuses it; CellInterrupted when its
   *   execution was terminated while it had not waited yet
   */
  async evaluate(code: string, name: string): Promise<{ readonly value: unknown }> {
    const { outcome, reply, error } = this.#begin(code, name);
    // The one error that a script of one's own can lead to.
    if (error) throw new CellInterrupted();
    if (!outcome) throw refusal(reply?.exceptionDetails);
    return { value: (await outcome)[".repl_result"] };
  }

  /** Starts a script; a reply that is there at once means that it is over. */
  #begin(code: string, name: string) {
    // The session keeps this for as long as the script has not ended, and with it the promise of one
    // that waits for nothing: V8 would tell the session that it was collected, in the middle of a
    // collection, and that ends the process.
    const started: { outcome?: Promise<ReplResult>; reply?: Reply; error?: Error } = {};
    // The first promise that is made is that of the script itself.
    const stop = promiseHooks.onInit((promise) => {
      stop();
      started.outcome = promise as unknown as Promise<ReplResult>;
    });
    const parameters = {
      expression: `${code}\n//# sourceURL=${name}`,
      replMode: true,
      awaitPromise: true,
      objectGroup: GROUP,
      // The value comes by the promise; what a debugger would show of it is not needed.
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
