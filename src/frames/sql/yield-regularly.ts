import { setImmediate as nextTurn } from "node:timers/promises";

const TURN_MS = 20;

/**
 * For long work on the thread that everybody shares: a function to be called between its steps,
 * which lets others have their turn now and then.
 *
 * @throws what it calls throws the signal's reason once that is aborted
 */
export function yieldRegularly(signal: AbortSignal | undefined): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < TURN_MS) return;
    await nextTurn();
    signal?.throwIfAborted();
    since = performance.now();
  };
}
