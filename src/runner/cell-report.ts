import type { CellError } from "./cell-error.ts";

/** What came of one code cell. */
export interface CellReport {
  /** From 0, counting every cell. */
  readonly index: number;
  readonly id: string;
  /** `cell 4: Load the trips`. */
  readonly name: string;
  readonly status: "passed" | "failed" | "skipped";
  /** Milliseconds. */
  readonly duration: number;
  /** Why it did not run. */
  readonly reason?: string;
  /** What of it went on when the notebook ended, such as `line 2: a timer of 60 s`. */
  readonly stillRunning?: readonly string[];
  readonly error?: CellError;
}

/** What a person reads of what a cell left running; undefined when that is nothing. */
export function describeStillRunning({ stillRunning }: CellReport): string | undefined {
  return stillRunning && `went on when the notebook ended: ${stillRunning.join("; ")}`;
}
