/** One thing that was looked at because everything else depends on it. */
export interface Check {
  /** What was looked at: `Node.js`, `Clock`. */
  readonly subject: string;
  /** `warning`: it works, but something will go wrong later or elsewhere. */
  readonly state: "ok" | "warning" | "failed";
  /** What was found, in a few words; never a token or a secret. */
  readonly finding: string;
  /** What fixes it; present unless all is well. */
  readonly remedy?: string;
}
