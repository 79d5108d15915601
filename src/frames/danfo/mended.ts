import { danfo as asPublished, inside } from "./library.ts";
import type { DanfoModule } from "./load-danfo.ts";
import { mendDanfo } from "./mend.ts";

/** The dataframe library, with its known wrong answers mended; to be loaded when it is needed. */
export const danfo = mendDanfo(asPublished as DanfoModule, inside);
