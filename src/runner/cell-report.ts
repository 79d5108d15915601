import type { CellError } from "./cell-error.ts";

/** Result of one code cell. */
export interface CellReport {
  /** From 0, counting every cell. */
  readonly index: number;
  readonly id: string;
  /** `cell 4: Load the trips`. */
  readonly name: string;
  readonly status: "passed" | "failed" | "skipped";
  /** Milliseconds. */
  readonly duration: number;
  /** Why it was skipped. */
  readonly reason?: string;
  /** What was still active when the notebook ended, such as `line 2: a timer of 60 s`. */
  readonly stillRunning?: readonly string[];
  readonly error?: CellError;
}

/** A sentence about what a cell left running; undefined when that is nothing. */
export function describeStillRunning({ stillRunning }: CellReport): string | undefined {
  return stillRunning && `went on when the notebook ended: ${stillRunning.join("; ")}`;
}
