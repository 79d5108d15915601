/** Under this name the notebook kernel leaves a function that answers the running cell's signal. */
const CELL_SIGNAL = Symbol.for("notelake.cellSignal");

/** Aborts when a person interrupts the notebook cell that runs now; nothing outside a notebook. */
export function cellSignal(): AbortSignal | undefined {
  const signal = (globalThis as Record<symbol, unknown>)[CELL_SIGNAL];
  return typeof signal === "function" ? (signal() as AbortSignal | undefined) : undefined;
}

/** Under this name a notebook's kernel finds what it has to do before it ends. */
const LAST_WORK = Symbol.for("notelake.lastWork");

/**
 * What a notebook's kernel does when it is shut down or started anew, for two seconds at most: to end
 * what a server elsewhere keeps for it, say. Outside a notebook nobody does it.
 */
export function lastWork(): Set<() => Promise<unknown>> {
  const held = globalThis as Record<symbol, unknown>;
  held[LAST_WORK] ??= new Set();
  return held[LAST_WORK] as Set<() => Promise<unknown>>;
}
