import { writeSync } from "node:fs";

/** To Jupyter's terminal: the standard error of `process` belongs to the cells. */
export function logError(error: unknown): void {
  writeSync(2, `notelake kernel: ${error instanceof Error ? error.stack : String(error)}\n`);
}
