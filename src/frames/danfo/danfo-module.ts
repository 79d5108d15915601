import type * as Danfo from "danfojs-node";

// All of src/ takes Danfo's types from here, so that the build has few places where to put the
// address of the declarations that are published.
export type { DataFrame, Series } from "danfojs-node";

/** The dataframe library. */
export type DanfoModule = typeof Danfo;
