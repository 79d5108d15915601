import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Part } from "./part.ts";

/**
 * Keeps a second practice cloud out of a folder, where the two would undo each other's writes. A
 * lock whose process is gone, because it was killed, holds nobody up.
 *
 * @throws Error that names the process which uses the folder
 */
export function lockFolder(dir: string): Part {
  const file = join(dir, "practice.pid");
  const owner = readOwner(file);
  if (owner !== undefined && isRunning(owner)) {
    throw new Error(
      `process ${owner} runs a practice cloud in ${dir}; end it, or remove ${file} if it is none`,
    );
  }
  rmSync(file, { force: true });
  // Two that come at once: the exclusive flag lets one of them through.
  writeFileSync(file, String(process.pid), { flag: "wx", mode: 0o600 });
  return { close: async () => rmSync(file, { force: true }) };
}

/** Whether a process of this id runs on this machine. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process may not be signalled, and is none the less there.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function readOwner(file: string): number | undefined {
  try {
    const owner = Number(readFileSync(file, "utf8"));
    return Number.isInteger(owner) && owner > 0 ? owner : undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
