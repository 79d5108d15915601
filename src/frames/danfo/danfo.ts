import type * as Danfo from "danfojs-node";
import { mendDanfo } from "./mends.ts";

/** The dataframe library. */
export type DanfoModule = typeof Danfo;

let danfo: Promise<DanfoModule> | undefined;

/** Loads the dataframe library at its first use, with its known wrong answers mended. */
export function loadDanfo(): Promise<DanfoModule> {
  danfo ??= import("danfojs-node").then(mendDanfo);
  return danfo;
}
