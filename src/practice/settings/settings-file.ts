import { rmSync } from "node:fs";
import type { PracticeDescription } from "../description.ts";
import type { Part } from "../part.ts";
import { writePrivate } from "../private-file.ts";

/**
 * Keeps a description in a file for as long as the practice cloud runs, readable by its owner only,
 * since it holds the practice secrets.
 */
export function keepDescription(
  file: string,
  description: PracticeDescription,
): Part & { readonly file: string } {
  writePrivate(file, `${JSON.stringify(description, null, 2)}\n`);
  return { file, close: async () => rmSync(file, { force: true }) };
}
