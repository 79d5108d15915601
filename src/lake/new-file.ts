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
import { alreadyThere } from "./explain-failure.ts";
import { onDisk, onDiskSync } from "./local-failure.ts";

// The one way in which files of this machine are written: under a name that nothing in a lake may
// have and no other process takes, never through a link, and renamed once all bytes are there.

/** Names of files under way; none is downloaded under such a name, and none uploaded. */
const TEMPORARY = /^\.notelake-[0-9a-f]{16}-(\d+)-[0-9a-f]{8}\.part(\.json(\.new)?)?$/;

/** How to put a file under its name. */
export interface PlaceOptions {
  /** Whether it may take the place of a file that is there. A link there is replaced, not followed. */
  readonly overwrite: boolean;
  /** Whether the bytes are to be on the disk before; the names are left to `syncFolder`. */
  readonly durable: boolean;
}

/** Whether a name is one that files under way have. */
export function isTemporary(name: string): boolean {
  return TEMPORARY.test(name);
}

/** Id of the process that began a file under way, from its name. */
export function processOf(name: string): number {
  return Number(TEMPORARY.exec(name)?.[1] ?? 0);
}

/** How the temporary names of a file begin: those of another file of the folder begin otherwise. */
export function temporaryStart(localFile: string): string {
  return `.notelake-${hash("sha256", basename(localFile)).slice(0, 16)}-`;
}

/** A temporary name beside a file, of this process and never used before. */
export function temporaryBeside(localFile: string): string {
  const name = `${temporaryStart(localFile)}${process.pid}-${randomBytes(4).toString("hex")}.part`;
  return join(dirname(localFile), name);
}

const { O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_RDWR } = constants;
/** Makes a file that is not there, whatever a link of its name leads to. */
const NEW = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW;

/** A file under way, which becomes `localFile` once it is `place`d. */
export class NewFile {
  readonly handle: FileHandle;
  readonly localFile: string;
  /** Where its bytes are until then. */
  readonly temporary: string;

  constructor(handle: FileHandle, localFile: string, temporary: string) {
    this.handle = handle;
    this.localFile = localFile;
    this.temporary = temporary;
  }

  /**
   * @param mode permissions, less those of the umask
   * @param temporary where its bytes are until then
   */
  static async create(
    localFile: string,
    { mode = 0o666, temporary = temporaryBeside(localFile) } = {},
  ): Promise<NewFile> {
    const handle = await onDisk(localFile, () => open(temporary, NEW, mode));
    return new NewFile(handle, localFile, temporary);
  }

  /** Gives it its name. @throws LakeError `EXISTS`, `LOCAL_FILE` */
  async place({ overwrite, durable }: PlaceOptions): Promise<void> {
    const { handle, localFile, temporary } = this;
    await onDisk(localFile, async () => {
      if (durable) await handle.sync();
      await handle.close();
      renameLocal(temporary, localFile, overwrite);
    });
  }

  /** Removes what is there of it; nothing once it is placed. */
  async discard(): Promise<void> {
    await this.handle.close();
    await rm(this.temporary, { force: true });
  }
}

const toDisk = promisify(fsync);

/**
 * Writes a small file. What does not wait for the disk is done on the spot: to hand it to a thread
 * and back takes longer than the call itself.
 *
 * @param temporary where its bytes are until then
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

/** Writes a small file on the spot, for those who cannot wait. It may take the place of another. */
export function writeNewFileSync(localFile: string, content: string | Uint8Array): void {
  const temporary = temporaryBeside(localFile);
  onDiskSync(localFile, () => {
    try {
      const file = openSync(temporary, NEW, 0o666);
      try {
        writeFileSync(file, content);
      } finally {
        closeSync(file);
      }
      renameLocal(temporary, localFile, true);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  });
}

/** File systems without hard links say one of these. */
const NO_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EXDEV"]);

/**
 * Gives a file another name. A rename would replace what is there; a link to the same file, under
 * its new name, does not.
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
    if (code === "EEXIST") throw alreadyThere(`the local file ${to}`);
    if (!NO_LINKS.has(code)) throw error;
    if (lstatSync(to, { throwIfNoEntry: false })) throw alreadyThere(`the local file ${to}`);
    renameSync(from, to);
  }
}
