import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";

/** The database of an account, and the folder of its files. */
export const NAMES = "names.db";
export const BYTES = "bytes";

/**
 * Links a file, or copies it where the file system has no links. Only for files that are never
 * overwritten; see `Files.reopen`.
 */
export function shareFile(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (!["EPERM", "EXDEV", "ENOTSUP", "EOPNOTSUPP", "EMLINK"].includes(code)) throw error;
    copyPrivately(from, to);
  }
}

/** Copies a file, sharing its blocks where the file system can. */
export function copyPrivately(from: string, to: string): void {
  copyFileSync(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  chmodSync(to, 0o600);
}

/**
 * Replaces the lake in a folder by a saved one; nobody may have it open. One of the two exists
 * afterwards, whatever happens.
 */
export async function replaceLake(saved: string, live: string): Promise<void> {
  const [next, old] = [`${live}.next`, `${live}.old`];
  for (const stale of [next, old]) rmSync(stale, { recursive: true, force: true });
  mkdirSync(next, { recursive: true, mode: 0o700 });
  for (const account of accountsIn(saved)) shareAccount(join(saved, account), join(next, account));
  if (existsSync(live)) renameSync(live, old);
  renameSync(next, live);
  await rm(old, { recursive: true, force: true });
}

/** The accounts of a lake, as `gen2/NAME`. */
function accountsIn(lake: string): string[] {
  return readdirSync(lake).flatMap((kind) =>
    readdirSync(join(lake, kind)).map((name) => join(kind, name)),
  );
}

function shareAccount(from: string, to: string): void {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  copyPrivately(join(from, NAMES), join(to, NAMES));
  for (const folder of readdirSync(join(from, BYTES))) {
    mkdirSync(join(to, BYTES, folder), { recursive: true, mode: 0o700 });
    for (const file of readdirSync(join(from, BYTES, folder))) {
      shareFile(join(from, BYTES, folder, file), join(to, BYTES, folder, file));
    }
  }
  mkdirSync(join(to, BYTES), { recursive: true, mode: 0o700 });
}
