import { LakeError } from "../../core/errors.ts";

const HINTS: Record<string, string> = {
  ENOENT: "It, or the folder that it is meant to be in, does not exist.",
  ENOTDIR: "A part of its path is a file, not a folder.",
  EACCES: "This user may not.",
  EISDIR: "It is a folder; give the name of a file.",
  ELOOP: "It is a link; links are not followed here.",
  ENAMETOOLONG: "Its name or path is too long for this machine.",
  ENOSPC: "The disk is full.",
  EDQUOT: "This user's share of the disk is full.",
};

/** Runs `work`; a failure of the file system becomes a LakeError with code `LOCAL_FILE`. */
export async function onDisk<T>(localFile: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw localFailure(localFile, cause);
  }
}

/** The same, synchronously. */
export function onDiskSync<T>(localFile: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw localFailure(localFile, cause);
  }
}

function localFailure(localFile: string, cause: unknown): LakeError {
  if (cause instanceof LakeError) return cause;
  const { code = "" } = cause as NodeJS.ErrnoException;
  return new LakeError("LOCAL_FILE", `the local file ${localFile} failed (${code})`, {
    hint: HINTS[code] ?? String(cause),
    cause,
  });
}
