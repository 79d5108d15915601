import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { DatabaseSync } from "./database-sync.ts";

const SQLITE_BUSY = 5;

/** A lock, held until it is closed or its process ends. */
export interface FileLock {
  close(): void;
}

/** `rwc` creates the lock file, `rw` does not. */
export type LockMode = "rw" | "rwc";

/**
 * Locks a file, which stays empty; undefined while another process holds it. It is a lock of the
 * operating system, by SQLite, without process ids: it works across containers that share the
 * folder, and ends with its process.
 *
 * @throws Error of SQLite when there is no such file, or it cannot be written
 */
export function tryLockFile(file: string, mode: LockMode): FileLock | undefined {
  const url = pathToFileURL(file);
  url.search = `mode=${mode}`;
  const database = new DatabaseSync(url, { timeout: 0 });
  try {
    // An exclusive transaction would also fail for others that only try.
    database.exec("pragma journal_mode = memory; begin immediate;");
    // The last holder may have removed the folder: then this locks nothing.
    if (existsSync(file)) return database;
  } catch (error) {
    database.close();
    const code = error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : 0;
    if (code === SQLITE_BUSY) return undefined;
    throw error;
  }
  database.close();
  return undefined;
}
