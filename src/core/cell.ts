/** Under this name the notebook kernel leaves a function that answers the running cell's signal. */
const CELL_SIGNAL = Symbol.for("notelake.cellSignal");

/** Aborts when a person interrupts the notebook cell that runs now; nothing outside a notebook. */
export function cellSignal(): AbortSignal | undefined {
  const signal = (globalThis as Record<symbol, unknown>)[CELL_SIGNAL];
  return typeof signal === "function" ? (signal() as AbortSignal | undefined) : undefined;
}
