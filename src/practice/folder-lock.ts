import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DatabaseSync } from "./database-sync.ts";
import { sqliteCode } from "./practice-error.ts";

/** The file whose lock says that a practice cloud uses the folder; it stays empty. */
export const LOCK_FILE = "practice.lock";

/** A folder that nobody else can lock until this is released or its process is gone. */
export interface FolderLock {
  release(): unknown;
}

const SQLITE_BUSY = 5;

/**
 * Locks a folder, or answers undefined when a process holds its lock.
 *
 * SQLite takes the lock of the operating system, which knows no process ids: it holds across
 * containers that share the folder, and the system frees it however the process ends. Nobody may
 * open the lock file by other means than SQLite's: closing a file frees the locks on it that the
 * same process holds.
 *
 * @param create whether to make the lock file when there is none
 * @throws Error of SQLite when there is no lock file, or it cannot be written
 */
export function tryLock(dir: string, { create }: { create: boolean }): FolderLock | undefined {
  const file = join(dir, LOCK_FILE);
  const url = pathToFileURL(file);
  if (!create) url.search = "mode=rw";
  const database = new DatabaseSync(url, { timeout: 0 });
  try {
    // No journal lies beside it. An exclusive transaction would also fail for those who only try:
    // of several at once, nobody might get the lock.
    database.exec("pragma journal_mode = memory; begin immediate;");
    // Whoever held it may have removed the folder meanwhile: then this locks nothing.
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
