import type { Normalization } from "./normalize.ts";
import type { SessionOptions } from "./session-options.ts";

/** Under which key the plug-in provides its options to the processes that run tests. */
export const PROVIDED = "notelake:notebooks";

/** What it provides. */
export interface TestOptions extends SessionOptions {
  readonly compare: boolean;
  /** Where a `KernelLender` is found. */
  readonly lender?: string;
  readonly normalize?: readonly Normalization[];
}
