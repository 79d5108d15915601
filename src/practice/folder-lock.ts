import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DatabaseSync } from "./database-sync.ts";
import { sqliteCode } from "./practice-error.ts";

/** The lock file, which stays empty. */
export const LOCK_FILE = "practice.lock";

/** A locked folder, until released or the process ends. */
export interface FolderLock {
  release(): unknown;
}

const SQLITE_BUSY = 5;

/**
 * Locks a folder; undefined when another process has the lock.
 *
 * It is a lock of the operating system, by SQLite, without process ids: it works across containers
 * that share the folder, and ends with its process. The lock file must only be opened by SQLite:
 * closing it releases all locks that the process has on it.
 *
 * @param create whether to create the lock file
 * @throws Error of SQLite when there is no lock file, or it cannot be written
 */
export function tryLock(dir: string, { create }: { create: boolean }): FolderLock | undefined {
  const file = join(dir, LOCK_FILE);
  const url = pathToFileURL(file);
  if (!create) url.search = "mode=rw";
  const database = new DatabaseSync(url, { timeout: 0 });
  try {
    // Without a journal file. An exclusive transaction would also fail for others that only try: of
    // several at once, none might get the lock.
    database.exec("pragma journal_mode = memory; begin immediate;");
    // The last holder may have removed the folder: then this locks nothing.
    if (existsSync(file)) {
      chmodSync(file, 0o600);
      return { release: () => database.isOpen && database.close() };
    }
  } catch (error) {
    database.close();
    if (sqliteCode(error) === SQLITE_BUSY) return undefined;
    throw error;
  }
  database.close();
  return undefined;
}
