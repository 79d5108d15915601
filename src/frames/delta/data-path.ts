import { FrameError, LakeError } from "../../core/errors.ts";
import type { LakeEntry } from "../../lake/lake.ts";
import type { LakeFiles } from "../lake-files.ts";

/** The files of a table's folder, and the lake for others. */
export interface TableFolder {
  readonly lake: LakeFiles;
  /** Path of the folder. */
  readonly place: string;
  readonly byPath: ReadonlyMap<string, LakeEntry>;
  readonly signal: AbortSignal | undefined;
}

const SCHEME = /^[a-z][a-z0-9+.-]*:/i;

/**
 * The file that a path of the log means: below the table's folder, or a URL inside this lake, as a
 * shallow clone has them.
 *
 * @param path percent-encoded, as URIs are
 * @throws FrameError `BAD_TABLE` for a file that is gone, that lies outside the table's folder, or
 *   in another lake
 */
export async function entryOf(folder: TableFolder, path: string): Promise<LakeEntry> {
  const { place, byPath } = folder;
  const decoded = decode(place, path);
  if (SCHEME.test(decoded)) return entryAt(folder, decoded);
  if (decoded.startsWith("/") || decoded.split("/").some((name) => name === ".." || name === ".")) {
    throw new FrameError("BAD_TABLE", `the Delta table ${place} names a file outside: ${decoded}`, {
      hint: "Files of a table lie below its folder, or are named by a whole URL. The log was tampered with, or the table was moved.",
    });
  }
  const entry = byPath.get(place ? `${place}/${decoded}` : decoded);
  if (entry) return entry;
  throw missing(place, decoded);
}

async function entryAt({ lake, place, signal }: TableFolder, url: string): Promise<LakeEntry> {
  try {
    return await lake.stat(url, { signal });
  } catch (cause) {
    const code = cause instanceof LakeError ? cause.code : undefined;
    if (code === "NOT_FOUND") throw missing(place, url);
    if (code !== "BAD_PATH") throw cause;
    throw new FrameError("BAD_TABLE", `the Delta table ${place} names a file outside: ${url}`, {
      hint: `Only files of ${lake.url} are read. A clone that refers to another lake has to be copied whole.`,
      cause,
    });
  }
}

function decode(place: string, path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw new FrameError("BAD_TABLE", `the Delta table ${place} names a file wrongly: ${path}`, {
      hint: "Paths in the log are percent-encoded, and this one cannot be decoded.",
      cause,
    });
  }
}

function missing(place: string, path: string): FrameError {
  return new FrameError("BAD_TABLE", `the Delta table ${place} lacks its file ${path}`, {
    hint: "It was removed, as by VACUUM, from a version that still names it. Ask for a later version.",
  });
}
