import { accessSync, constants, mkdirSync } from "node:fs";

/**
 * Makes the folder that a practice cloud is kept in, or sees that it may be written.
 *
 * @returns the first folder on the way that had to be made; undefined when all were there
 * @throws Error that says why nothing can be kept there
 */
export function makeOwnFolder(dir: string): string | undefined {
  try {
    const made = mkdirSync(dir, { recursive: true, mode: 0o700 });
    accessSync(dir, constants.R_OK | constants.W_OK | constants.X_OK);
    return made;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : "unknown error";
    throw new Error(
      `cannot keep a practice cloud in ${dir}: ${why}; name another folder, or leave dir out for a ` +
        "temporary one",
      { cause },
    );
  }
}
