import { createRequire } from "node:module";
import type * as Danfo from "danfojs-node";
import { mendDanfo } from "./mend.ts";

/** The dataframe library. */
export type DanfoModule = typeof Danfo;

let danfo: Promise<DanfoModule> | undefined;

/**
 * Loads the dataframe library at its first use, with its known wrong answers mended. By `require`,
 * so that whoever imports it later gets the mended functions too. Classes are mended for everybody;
 * but `concat` and `merge`, taken out of it by name before (`import { concat }` in a module), stay as
 * they are: they are plain functions, and what they call cannot tell them from other callers.
 */
export function loadDanfo(): Promise<DanfoModule> {
  danfo ??= Promise.resolve().then(() =>
    mendDanfo(createRequire(import.meta.url)("danfojs-node") as DanfoModule),
  );
  return danfo;
}
