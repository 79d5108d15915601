import type { Normalization } from "./normalize.ts";
import type { SessionOptions } from "./session-options.ts";

/** Key of `provide`/`inject` for the plug-in's options in worker processes. */
export const PROVIDED = "notelake:notebooks";

/** The options provided. */
export interface TestOptions extends SessionOptions {
  readonly compare: boolean;
  /** Socket path of the `KernelLender`. */
  readonly lender?: string;
  readonly normalize?: readonly Normalization[];
}
