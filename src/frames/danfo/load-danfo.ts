import type * as Danfo from "danfojs-node";

// All of src/ takes Danfo's types from here, so that the build has few places where to put the
// address of the declarations that are published.
export type { DataFrame, Series } from "danfojs-node";

/** The dataframe library. */
export type DanfoModule = typeof Danfo;

let danfo: Promise<DanfoModule> | undefined;

/**
 * Loads the dataframe library at its first use, with its known wrong answers mended. Whoever imports
 * it later gets the mended functions too. Classes are mended for everybody; but `concat` and
 * `merge`, taken out of it by name before (`import { concat }` in a module), stay as they are: they
 * are plain functions, and what they call cannot tell them from other callers.
 */
export function loadDanfo(): Promise<DanfoModule> {
  danfo ??= import("./mended.ts").then((module) => module.danfo);
  return danfo;
}
