/** The result of one check. */
export interface Check {
  /** What was checked: `Node.js`, `Clock`. */
  readonly subject: string;
  /** `warning`: it works, but something will go wrong later or elsewhere. */
  readonly state: "ok" | "warning" | "failed";
  /** Result in a few words, without secrets. */
  readonly finding: string;
  /** How to fix it; absent when `ok`. */
  readonly remedy?: string;
}
