import { statSync } from "node:fs";
import type { PracticeOptions } from "./description.ts";

type Check = (value: unknown) => string | undefined;

const folderName: Check = (value) =>
  typeof value === "string" && value !== "" ? undefined : "the name of a folder";

/** By option, what it has to be; a check answers that when the value is something else. */
const CHECKS: Readonly<Record<keyof PracticeOptions, Check>> = {
  seed: folderName,
  dir: folderName,
  port: (value) => (Number.isInteger(value) ? undefined : "a whole number"),
  approveDeviceCodesAs: (value) => (typeof value === "string" ? undefined : "the name of a user"),
  requestLog: (value) =>
    Number.isInteger(value) && Number(value) >= 0 ? undefined : "a whole number, 0 or more",
  background: (value) => (typeof value === "boolean" ? undefined : "true or false"),
};

/**
 * Checks what a practice cloud is to be started with, before anything is made.
 *
 * @throws TypeError for an option that there is not, or one of another type
 * @throws RangeError for a port that is none, or a seed that is no folder
 */
export function checkOptions(options: PracticeOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(CHECKS, name)) {
      const known = Object.keys(CHECKS).join(", ");
      throw new TypeError(`startPractice has no option ${name}; there are ${known}`);
    }
    const expected = value === undefined ? undefined : CHECKS[name as keyof PracticeOptions](value);
    if (expected) throw new TypeError(`${name}: ${JSON.stringify(value)} is not ${expected}`);
  }
  const { port = 0, seed } = options;
  if (port < 0 || port > 65_535) {
    throw new RangeError(`port: ${port} is no port; 0 lets the system pick one, 65535 is the last`);
  }
  if (seed !== undefined && !statSync(seed, { throwIfNoEntry: false })?.isDirectory()) {
    throw new RangeError(
      `seed: ${seed} is no folder; each folder in the seed becomes a file system of the lake`,
    );
  }
}
