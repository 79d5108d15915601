/** Key of an object's method that returns what a notebook shows; the same in Deno's kernel. */
export const JUPYTER_DISPLAY: unique symbol = Symbol.for("Jupyter.display");

/** Key of the notebook kernel's function that returns the running cell's signal. */
export const CELL_SIGNAL = Symbol.for("notelake.cellSignal");

/** Aborts when the running notebook cell is interrupted; undefined outside of a notebook. */
export function cellSignal(): AbortSignal | undefined {
  const signal = (globalThis as Record<symbol, unknown>)[CELL_SIGNAL];
  return typeof signal === "function" ? (signal() as AbortSignal | undefined) : undefined;
}

/** Key of the work that a notebook's kernel does before it ends. */
const LAST_WORK = Symbol.for("notelake.lastWork");

/**
 * Work that a notebook's kernel does when it is shut down or restarted, for two seconds at most,
 * such as ending a session on a server. Outside of a notebook it is not done.
 */
export function lastWork(): Set<() => Promise<unknown>> {
  const held = globalThis as Record<symbol, unknown>;
  held[LAST_WORK] ??= new Set();
  return held[LAST_WORK] as Set<() => Promise<unknown>>;
}
