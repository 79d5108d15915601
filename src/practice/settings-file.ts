import type { PracticeDescription } from "./description.ts";
import { writePrivate } from "./private-file.ts";

/**
 * Writes a description to a file that only its owner may read, since it holds the practice
 * secrets. A program that finds the file's name in `NOTELAKE_PRACTICE` uses this practice cloud.
 */
export function writeDescription(file: string, description: PracticeDescription): void {
  writePrivate(file, `${JSON.stringify(description, null, 2)}\n`);
}
