import { hash, randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fsync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { existsError } from "../lake-errors.ts";
import { onDisk, onDiskSync } from "./local-failure.ts";

// Local files are written under a temporary name, which is reserved and has the process's id in it,
// never through a symbolic link, and renamed once all bytes are there.

/** Temporary names. Files of such a name are neither downloaded nor uploaded. */
const TEMPORARY = /^\.notelake-[0-9a-f]{16}-(\d+)-[0-9a-f]{8}\.part(\.json(\.new)?)?$/;

/** How to put a file under its name. */
export interface PlaceOptions {
  /** Whether it may take the place of a file that is there. A link there is replaced, not followed. */
  readonly overwrite: boolean;
  /** Whether to fsync the file before; the folder's names are left to `syncFolder`. */
  readonly durable: boolean;
}

export function isTemporary(name: string): boolean {
  return TEMPORARY.test(name);
}

/** Id of the process that writes a file, from its temporary name. */
export function processOf(name: string): number {
  return Number(TEMPORARY.exec(name)?.[1] ?? 0);
}

/** How all temporary names of a file begin, and those of no other file of its folder. */
export function temporaryStart(localFile: string): string {
  return `.notelake-${hash("sha256", basename(localFile)).slice(0, 16)}-`;
}

/** A temporary name beside a file, of this process and never used before. */
export function temporaryBeside(localFile: string): string {
  const name = `${temporaryStart(localFile)}${process.pid}-${randomBytes(4).toString("hex")}.part`;
  return join(dirname(localFile), name);
}

const { O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_RDWR } = constants;
/** Fails when anything of that name exists, be it a link to nothing. */
const NEW = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW;

/** A file under its temporary name, which `place` renames to `localFile`. */
export class NewFile {
  readonly handle: FileHandle;
  readonly localFile: string;
  /** Its path until then. */
  readonly temporary: string;

  constructor(handle: FileHandle, localFile: string, temporary: string) {
    this.handle = handle;
    this.localFile = localFile;
    this.temporary = temporary;
  }

  /**
   * @param mode permissions, less those of the umask
   * @param temporary its path until it is placed
   */
  static async create(
    localFile: string,
    { mode = 0o666, temporary = temporaryBeside(localFile) } = {},
  ): Promise<NewFile> {
    const handle = await onDisk(localFile, () => open(temporary, NEW, mode));
    return new NewFile(handle, localFile, temporary);
  }

  /** Renames it to `localFile`. @throws LakeError `EXISTS`, `LOCAL_FILE` */
  async place({ overwrite, durable }: PlaceOptions): Promise<void> {
    const { handle, localFile, temporary } = this;
    await onDisk(localFile, async () => {
      if (durable) await handle.sync();
      await handle.close();
      renameLocal(temporary, localFile, overwrite);
    });
  }

  /** Removes it, unless it was placed. */
  async discard(): Promise<void> {
    await this.handle.close();
    await rm(this.temporary, { force: true });
  }
}

const toDisk = promisify(fsync);

/**
 * Writes a small file. All but fsync is synchronous: handing such a call to a thread takes longer than
 * the call.
 *
 * @param temporary its path until it is renamed
 */
export async function writeNewFile(
  localFile: string,
  content: string | Uint8Array,
  { overwrite, durable }: PlaceOptions,
  temporary = temporaryBeside(localFile),
): Promise<void> {
  await onDisk(localFile, async () => {
    const file = openSync(temporary, NEW, 0o666);
    try {
      try {
        writeFileSync(file, content);
        if (durable) await toDisk(file);
      } finally {
        closeSync(file);
      }
      renameLocal(temporary, localFile, overwrite);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  });
}

/** The same, synchronously, without fsync; replaces a file that is there. */
export function writeNewFileSync(localFile: string, content: string | Uint8Array): void {
  const temporary = temporaryBeside(localFile);
  onDiskSync(localFile, () => {
    try {
      writeFileSync(temporary, content, { flag: "wx" });
      renameLocal(temporary, localFile, true);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  });
}

/** Error codes of file systems without hard links. */
const NO_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EXDEV"]);

/**
 * Renames a file. Without `overwrite` it is hard-linked and its old name removed, as a rename would
 * replace what is there.
 *
 * @throws LakeError `EXISTS`
 */
export function renameLocal(from: string, to: string, overwrite: boolean): void {
  try {
    if (overwrite) {
      renameSync(from, to);
      return;
    }
    linkSync(from, to);
    rmSync(from);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw existsError(`the local file ${to}`);
    if (!NO_LINKS.has(code)) throw error;
    if (lstatSync(to, { throwIfNoEntry: false })) throw existsError(`the local file ${to}`);
    renameSync(from, to);
  }
}
