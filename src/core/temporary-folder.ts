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
 * Creates an empty folder for this user only, which is removed when this process ends. Folders of
 * killed processes are removed by the next call.
 *
 *     makeTemporaryFolder("write")       TMPDIR/notelake-process-Ab12Cd/write-Ef34Gh
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

/** Creates the folder of this process, which a lock protects from `sweep`. */
function makeOwn(): string {
  sweep();
  for (let tries = 1; ; tries++) {
    const folder = mkdtempSync(join(tmpdir(), PREFIX));
    const lock = tryLockNew(folder, tries === TRIES);
    if (!lock) continue;
    process.once("exit", () => {
      // Windows does not remove open files; elsewhere the system releases the lock.
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
    // `sweep` of another process removed the folder before it was locked.
    if (isLast || existsSync(folder)) throw error;
    return undefined;
  }
}

/** Removes the folders of this user's ended processes. Ignores failures. */
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
      // Another process removes it too, or parts of it belong to somebody else.
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
    return []; // not readable
  }
}
