import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FolderLock, LOCK_FILE, tryLock } from "./folder-lock.ts";
import { explainFolderFailure } from "./practice-error.ts";

const PREFIX = "notelake-practice-";
const TRIES = 10;

/** A new folder that is only this user's, and locked for as long as its process lives. */
export interface TemporaryFolder {
  readonly dir: string;
  readonly lock: FolderLock;
}

/**
 * Makes the folder of a practice cloud that keeps nothing, and removes those that processes of
 * this user left behind when they were killed.
 *
 * @throws PracticeError `NOT_WRITABLE` or `DISK_FULL`
 */
export function makeTemporaryFolder(): TemporaryFolder {
  sweep();
  try {
    for (let tries = 1; ; tries++) {
      const dir = mkdtempSync(join(tmpdir(), PREFIX));
      // Another process that sweeps may come between the folder and its lock, and remove it.
      const lock = tryLockNew(dir, tries === TRIES);
      if (lock) return { dir, lock };
    }
  } catch (error) {
    throw explainFolderFailure(error, tmpdir());
  }
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

function tryLockNew(dir: string, isLast: boolean): FolderLock | undefined {
  try {
    return tryLock(dir, { create: true });
  } catch (error) {
    if (isLast || existsSync(dir)) throw error;
    return undefined;
  }
}

/** Removes the folders of this user whose lock nobody holds. Whatever hinders it waits for later. */
function sweep(): void {
  for (const name of namesIn(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const dir = join(tmpdir(), name);
    try {
      const facts = lstatSync(dir);
      const own = facts.isDirectory() && facts.uid === (process.geteuid?.() ?? facts.uid);
      if (!own || !existsSync(join(dir, LOCK_FILE))) continue;
      const lock = tryLock(dir, { create: false });
      if (!lock) continue;
      // Windows removes no open file; elsewhere nobody may take the lock before all is gone.
      if (process.platform === "win32") lock.release();
      removeFolder(dir);
      if (process.platform !== "win32") lock.release();
    } catch {
      // Another process is sweeping too, or the folder's content belongs to somebody else.
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // A folder that may be written to and not listed.
  }
}
