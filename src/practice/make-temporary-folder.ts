import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FolderLock, LOCK_FILE, tryLock } from "./folder-lock.ts";
import { explainFolderFailure } from "./practice-error.ts";

const PREFIX = "notelake-practice-";
const TRIES = 10;

/** A new folder of this user, locked while its process runs. */
export interface TemporaryFolder {
  readonly dir: string;
  readonly lock: FolderLock;
}

/**
 * Creates a temporary folder for a practice cloud, and removes those of this user's killed
 * processes.
 *
 * @throws PracticeError `NOT_WRITABLE` or `DISK_FULL`
 */
export function makeTemporaryFolder(): TemporaryFolder {
  sweep();
  try {
    for (let tries = 1; ; tries++) {
      const dir = mkdtempSync(join(tmpdir(), PREFIX));
      // `sweep` of another process may remove the folder before it is locked.
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

/** Removes the unlocked folders of this user. Ignores failures. */
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
      // Windows does not remove open files; elsewhere keep the lock until all is removed.
      if (process.platform === "win32") lock.release();
      removeFolder(dir);
      if (process.platform !== "win32") lock.release();
    } catch {
      // Another process removes it too, or parts of it belong to somebody else.
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // not readable
  }
}
