import { FrameError } from "../../core/errors.ts";
import type { LakeFiles } from "../lake-files.ts";
import { replacedFolder } from "../write/replace-folder.ts";

/** A folder that was missing because a write was replacing it. */
export interface MissingDuringReplace {
  readonly folder: string;
  /** Where its old content is; undefined when only a file in it was missing. */
  readonly old?: string | undefined;
  readonly cause?: unknown;
}

/**
 * The folder that was missing when `base` could not be listed: itself, or one above it.
 *
 * @param present folders that existed before
 * @throws `failure` when there is none
 */
export async function findMissingDuringReplace(
  lake: LakeFiles,
  base: string,
  present: ReadonlySet<string>,
  failure: unknown,
): Promise<MissingDuringReplace> {
  const { code } = failure as { code?: string };
  if (code !== "NOT_FOUND" && code !== "NO_FILES") throw failure;
  for (let folder = base; /[^/]$/.test(folder); folder = folder.replace(/\/*[^/]*$/, "")) {
    const old = await replacedFolder(lake, folder).catch(() => undefined);
    if (old && !present.has(folder)) return { folder, old, cause: failure };
  }
  const isThere = code === "NOT_FOUND" && !present.has(base) && (await isKnownToExist(lake, base));
  if (isThere) return { folder: base, cause: failure };
  throw failure;
}

export function isKnownToExist(
  lake: LakeFiles,
  path: string,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<boolean> {
  return lake.exists(path, options).catch(() => false);
}

export function replaceDidNotEnd({ folder, old, cause }: MissingDuringReplace): unknown {
  if (!old) return cause;
  return new FrameError("REPLACING", `${folder} is away: a write that replaces it did not end`, {
    hint: `What it held is whole in ${old}. The next write of ${folder} puts it back, or move it yourself: await lake.move("${old}", "${folder}").`,
    cause,
  });
}
