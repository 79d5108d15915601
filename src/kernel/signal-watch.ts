import { Script } from "node:vm";
import { parentPort } from "node:worker_threads";

/**
 * A thread that does nothing but learn of SIGINT, which Node tells only the main thread, and that
 * one not while a cell blocks it. The one way for another thread is a script that SIGINT breaks
 * (`breakOnSigint`): it waits, breaks, says so, and waits again. It waits inside a second such
 * script, so that the signal's handler stays in place in between.
 */
const nothing = new Int32Array(new SharedArrayBuffer(4));
const scripts = { wait: new Script("notelakeWait()"), keep: new Script("notelakeKeep()") };
Object.assign(globalThis, {
  notelakeWait: () => Atomics.wait(nothing, 0, 0),
  notelakeKeep: () => forever(scripts.wait),
});
forever(scripts.keep);

function forever(script: Script): never {
  for (;;) {
    try {
      script.runInThisContext({ breakOnSigint: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_INTERRUPTED") throw error;
      parentPort?.postMessage("SIGINT");
    }
  }
}
