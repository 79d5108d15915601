import { readPackage } from "./package.ts";

/** The oldest Node.js that the package runs on, such as `22.18`: what its `engines` say. */
export const OLDEST_NODE = readPackage().engines.node.replace(">=", "");

/** Whether a version of Node.js, such as `20.19.5`, is older than `OLDEST_NODE`. */
export function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE.split(".").map(Number);
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
}
