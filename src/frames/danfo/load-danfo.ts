import type { DanfoModule } from "./danfo-module.ts";

let danfo: Promise<DanfoModule> | undefined;

/**
 * Loads the dataframe library at its first use, with its known wrong answers patched. Whoever imports
 * it later gets the patched functions too. Classes are patched for everybody; but `concat` and
 * `merge`, taken out of it by name before (`import { concat }` in a module), stay as they are: they
 * are plain functions, and what they call cannot tell them from other callers.
 */
export function loadDanfo(): Promise<DanfoModule> {
  danfo ??= import("./patched-danfo.ts").then((module) => module.danfo);
  return danfo;
}
