import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { LakeError } from "../core/errors.ts";

/**
 * Fills a local file through `write`, under the name `FILE.part` until all of it is on the disk.
 * When `write` fails, what stood under the final name is still there, and the part is gone.
 */
export async function fillLocalFile<T>(
  localFile: string,
  write: (file: FileHandle) => Promise<T>,
): Promise<T> {
  const part = `${localFile}.part`;
  const file = await local(localFile, () => open(part, "w"));
  let result: T;
  try {
    result = await write(file);
    await local(localFile, () => file.sync());
  } catch (error) {
    await file.close();
    await rm(part, { force: true });
    throw error;
  }
  await local(localFile, async () => {
    await file.close();
    await rename(part, localFile);
    await syncDirectory(dirname(localFile));
  });
  return result;
}

/** Runs something on the local file system; its failure is a LakeError with code `LOCAL_FILE`. */
export async function local<T>(localFile: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const { code = "" } = cause as NodeJS.ErrnoException;
    throw new LakeError("LOCAL_FILE", `the local file ${localFile} failed (${code})`, {
      hint: HINTS[code] ?? String(cause),
      cause,
    });
  }
}

const HINTS: Record<string, string> = {
  ENOENT: "It, or the folder that it is meant to be in, does not exist.",
  EACCES: "This user may not.",
  EISDIR: "It is a folder; give the name of a file.",
  ENOSPC: "The disk is full.",
};

/** Makes a rename last through a power cut; not every system can. */
async function syncDirectory(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  await handle.sync().finally(() => handle.close());
}
