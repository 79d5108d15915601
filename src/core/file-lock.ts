import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";

// Not by import: an older Node.js has no such module, and could not link what imports it to say so.
const { DatabaseSync } = process.getBuiltinModule("node:sqlite");

const SQLITE_BUSY = 5;

/** A lock that nobody else can take until it is closed or its process is gone. */
export interface FileLock {
  close(): void;
}

/** `rwc` makes the lock file, `rw` does not. */
export type LockMode = "rw" | "rwc";

/**
 * Takes the lock of a file, which stays empty; undefined while a process holds it. It is the
 * operating system's, taken through SQLite: it knows no process ids, so it holds across containers
 * that share the folder, and it is free as soon as its process is gone, however that ended.
 *
 * @throws Error of SQLite when there is no such file, or it cannot be written
 */
export function tryLockFile(file: string, mode: LockMode): FileLock | undefined {
  const url = pathToFileURL(file);
  url.search = `mode=${mode}`;
  const database = new DatabaseSync(url, { timeout: 0 });
  try {
    // An exclusive transaction would also fail for those who only try it at the same time.
    database.exec("pragma journal_mode = memory; begin immediate;");
    // Who held it may have removed the folder meanwhile: then this locks nothing.
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
