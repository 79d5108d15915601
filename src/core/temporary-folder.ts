import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NotelakeError } from "./errors.ts";
import { type FileLock, type LockMode, tryLockFile } from "./file-lock.ts";

const PREFIX = "notelake-process-";
const LOCK_FILE = "process.lock";
const TRIES = 10;

let own: string | undefined;

/**
 * Makes an empty folder that only this user can get at, and that goes when this process ends. What
 * a killed process has left is removed by the next one that makes such a folder.
 *
 *     makeTemporaryFolder("write")    TMPDIR/notelake-process-Ab12Cd/write-Ef34Gh
 *
 * @throws NotelakeError `NO_TEMPORARY_FOLDER`
 */
export function makeTemporaryFolder(purpose: string): string {
  try {
    if (!own || !existsSync(own)) own = makeOwn();
    return mkdtempSync(join(own, `${purpose}-`));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new NotelakeError("NO_TEMPORARY_FOLDER", `no temporary folder can be made: ${why}`, {
      hint: "Set TMPDIR to a folder that you may write to, on a disk that is not full.",
      cause,
    });
  }
}

/** Makes the one folder of this process, which its lock keeps from those who tidy up. */
function makeOwn(): string {
  sweep();
  for (let tries = 1; ; tries++) {
    const folder = mkdtempSync(join(tmpdir(), PREFIX));
    const lock = tryLockNew(folder, tries === TRIES);
    if (!lock) continue;
    process.once("exit", () => {
      // Windows removes no open file; elsewhere the system frees the lock, after all is gone.
      if (process.platform === "win32") lock.close();
      rmSync(folder, { recursive: true, force: true });
    });
    return folder;
  }
}

function tryLockNew(folder: string, isLast: boolean): FileLock | undefined {
  try {
    return tryLock(folder, "rwc");
  } catch (error) {
    // Another process that tidies up came between the folder and its lock, and removed it.
    if (isLast || existsSync(folder)) throw error;
    return undefined;
  }
}

/** Removes the folders of this user's processes that are gone. Whatever hinders it, waits. */
function sweep(): void {
  for (const name of namesIn(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = join(tmpdir(), name);
    try {
      const facts = lstatSync(folder);
      const isOwn = facts.isDirectory() && facts.uid === (process.geteuid?.() ?? facts.uid);
      if (!isOwn || !existsSync(join(folder, LOCK_FILE))) continue;
      const lock = tryLock(folder, "rw");
      if (!lock) continue;
      if (process.platform === "win32") lock.close();
      rmSync(folder, { recursive: true, force: true });
      if (process.platform !== "win32") lock.close();
    } catch {
      // Another process tidies up too, or what is in it belongs to somebody else.
    }
  }
}

function tryLock(folder: string, mode: LockMode): FileLock | undefined {
  return tryLockFile(join(folder, LOCK_FILE), mode);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // a folder that may be written to and not listed
  }
}
