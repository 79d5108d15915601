import { sep } from "node:path";

/** What a `PracticeError` is about; stable, and meant for programs. */
export type PracticeErrorCode =
  /** Something kept in the folder cannot be read. What to do: restore the folder, or start another. */
  | "DAMAGED"
  /** The disk is full. What to do: make room, or name a folder on another disk. */
  | "DISK_FULL"
  /** Another practice cloud runs on the folder. What to do: end it, or name another folder. */
  | "IN_USE"
  /** The folder holds other files. What to do: name an empty one, or one that does not exist. */
  | "NOT_A_PRACTICE_FOLDER"
  /** This user may not write to the folder. What to do: name one of your own. */
  | "NOT_WRITABLE"
  /** The folder belongs to another user. What to do: name one of your own. */
  | "NOT_YOURS"
  /** Another version of notelake made the folder. What to do: use that one, or name another folder. */
  | "OTHER_VERSION"
  /** Another program listens on the port. What to do: name another, or none. */
  | "PORT_TAKEN";

/**
 * A practice cloud could not start, for a reason that its user can do something about. The first
 * line of `message` says what and where, the lines after it what to do.
 */
export class PracticeError extends Error {
  override readonly name = "PracticeError";
  readonly code: PracticeErrorCode;
  readonly hint: string;

  constructor(code: PracticeErrorCode, message: string, hint: string, cause?: unknown) {
    super(`${message}\n  ${hint}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
  }

  /** `PracticeError [IN_USE]: …` */
  override toString(): string {
    return `${this.name} [${this.code}]: ${this.message}`;
  }
}

export function damaged(file: string, what: string, cause?: unknown): PracticeError {
  return new PracticeError(
    "DAMAGED",
    `${file} ${what}`,
    "Nothing was changed. Put the file back from a copy, or name another folder for a new practice cloud.",
    cause,
  );
}

const FULL = ["ENOSPC", "EDQUOT"];
const REFUSED = ["EACCES", "EPERM", "EROFS"];
const SQLITE_READONLY = 8;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;

/** Whether a write failed because the disk is full. */
export function isDiskFull(error: unknown): boolean {
  const { code = "" } = (error ?? {}) as NodeJS.ErrnoException;
  return FULL.includes(code) || sqliteCode(error) === SQLITE_FULL;
}

/** Explains a full disk or a refused write; any other error stays as it is. */
export function explainFolderFailure(error: unknown, dir: string): unknown {
  if (!(error instanceof Error) || error instanceof PracticeError) return error;
  const { code = "", path = dir } = error as NodeJS.ErrnoException;
  const sqlite = sqliteCode(error);
  if (isDiskFull(error)) {
    const what = `there is no space left for the practice cloud in ${dir}`;
    return new PracticeError("DISK_FULL", what, "Make room on that disk, then start again.", error);
  }
  if (path !== dir && !path.startsWith(dir + sep)) return error;
  if (REFUSED.includes(code) || sqlite === SQLITE_READONLY || sqlite === SQLITE_CANTOPEN) {
    return new PracticeError(
      "NOT_WRITABLE",
      `${path} cannot be written (${code.startsWith("E") && sqlite === 0 ? code : error.message})`,
      "Name a folder that you may write to, or change the permissions of this one.",
      error,
    );
  }
  if (code === "ENOTDIR" || code === "EEXIST") {
    const what = `${path} is no folder`;
    return new PracticeError("NOT_A_PRACTICE_FOLDER", what, "Name another folder.", error);
  }
  return error;
}

/** The primary result code of an SQLite error, such as 5 for a lock; else 0. */
export function sqliteCode(error: unknown): number {
  return error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : 0;
}
