import { LakeError } from "../../core/errors.ts";
import { quote } from "../url/location.ts";

/** A file or directory of either side, by its path from the folder that is synced. */
export interface SyncEntry {
  readonly path: string;
  readonly kind: "file" | "directory";
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/** One change of a sync, done or planned. */
export interface SyncChange {
  readonly action: "copy" | "delete" | "make folder" | "delete folder";
  /** From the folders that are synced. */
  readonly path: string;
  /** Bytes of what is copied or deleted. */
  readonly size: number;
  /**
   * Why: the target has no such file, the sizes differ, the source was modified later, the MD5 differs,
   * or the source has no such file.
   */
  readonly because: "new" | "size" | "later" | "MD5" | "not in the source";
}

/** The changes that make two folders equal. */
export interface SyncPlan {
  readonly changes: readonly SyncChange[];
  /** Files that are the same already. */
  readonly same: number;
}

/**
 * Compares two folders by the sizes of files, and those of equal size by `differs`.
 *
 * @throws LakeError `CONFLICT` where one side has a directory and the other a file of its name
 */
export function planSync(
  source: readonly SyncEntry[],
  target: readonly SyncEntry[],
  options: { readonly delete: boolean; readonly differs: Differs },
): SyncPlan {
  const there = new Map(target.map((entry) => [entry.path, entry]));
  const changes: SyncChange[] = [];
  let same = 0;
  for (const entry of source) {
    const { path, kind, size } = entry;
    const other = there.get(path);
    there.delete(path);
    if (other && other.kind !== kind) throw otherKind(path, kind);
    if (kind === "directory") {
      if (!other) changes.push({ action: "make folder", path, size, because: "new" });
      continue;
    }
    const because = !other ? "new" : other.size !== size ? "size" : options.differs(entry, other);
    if (because) changes.push({ action: "copy", path, size, because });
    else same++;
  }
  if (options.delete) {
    for (const { path, kind, size } of there.values()) {
      const action = kind === "file" ? "delete" : "delete folder";
      changes.push({ action, path, size, because: "not in the source" });
    }
  }
  changes.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { changes, same };
}

/** How two files of the same size differ, if at all. */
export type Differs = (source: SyncEntry, target: SyncEntry) => "later" | "MD5" | undefined;

/** Compares in seconds, the resolution of times in the lake. */
export const isLater: Differs = (source, target) =>
  seconds(source) > seconds(target) ? "later" : undefined;

/**
 * The same for a local file, which may have been changed again in the second of its upload. `syncDown`
 * gives files the exact time of the lake.
 */
export const isNotEarlier: Differs = (source, target) =>
  source.modified !== target.modified && seconds(source) >= seconds(target) ? "later" : undefined;

function seconds({ modified }: SyncEntry): number {
  return Math.floor(modified / 1000);
}

function otherKind(path: string, kind: SyncEntry["kind"]): LakeError {
  const what = kind === "file" ? "a file" : "a directory";
  const other = kind === "file" ? "a directory" : "a file";
  return new LakeError("CONFLICT", `${quote(path)} is ${what} here and ${other} there`, {
    hint: "Nothing was changed. Move or delete one of them.",
  });
}
