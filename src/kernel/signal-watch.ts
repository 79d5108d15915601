import { Script } from "node:vm";
import { parentPort } from "node:worker_threads";

/**
 * A worker thread that detects SIGINT. Node delivers signals only to the main thread, and not while
 * a cell blocks it. The only way for another thread is a script with `breakOnSigint`: it waits, is
 * interrupted, reports it, and waits again. It runs inside a second such script, so that the
 * signal's handler stays installed in between.
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
