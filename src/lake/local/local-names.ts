import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { LakeError } from "../../core/errors.ts";
import type { LakeEntry } from "../lake.ts";
import { checkPath } from "../url/location.ts";
import { isLocal } from "./local-entries.ts";
import { isTemporary, temporaryBeside } from "./new-file.ts";

/** Which names a local file system takes. */
export interface NameRules {
  /** As `process.platform` has it. */
  readonly platform: NodeJS.Platform;
  /** Whether it ignores case and Unicode normalization. */
  readonly folds: boolean;
}

/** A file or directory, by its path from a local folder. */
export type NamedEntry = Pick<LakeEntry, "kind" | "path">;

/** Bytes of a name. */
const LONGEST_NAME = 255;
/** Bytes of a path, by platform: less than the system's own limit, to leave room for a temporary name. */
const LONGEST_PATH: Partial<Record<NodeJS.Platform, number>> = { darwin: 1000, win32: 32_000 };
const LONGEST_ELSEWHERE = 4000;

/** Device names of Windows, with any extension, and characters that it does not allow. */
const DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;
const NOT_IN_WINDOWS = /[<>:"|?*]|[. ]$/;

/**
 * Checks before a download that all entries can be files of a local folder, no two under one name.
 *
 * @throws LakeError `BAD_PATH` naming the first that cannot
 */
export function checkLocalNames(
  folder: string,
  entries: readonly NamedEntry[],
  rules: NameRules,
): void {
  const byKey = new Map<string, NamedEntry>();
  const directories = new Set<string>();
  const longest = LONGEST_PATH[rules.platform] ?? LONGEST_ELSEWHERE;
  for (const entry of entries) {
    const { path } = entry;
    const names = path.split("/");
    if (checkPath(path) !== path) throw refuse(path, "it begins or ends with a slash");
    for (const name of names) checkName(path, name, rules);
    if (Buffer.byteLength(join(folder, path)) > longest) throw refuse(path, "its path is too long");
    const key = keyOf(path, rules);
    const other = byKey.get(key);
    if (other) throw refuse(path, `it would be the same file as ${JSON.stringify(other.path)}`);
    byKey.set(key, entry);
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      const above = keyOf(path.slice(0, end), rules);
      if (directories.has(above)) break;
      directories.add(above);
    }
  }
  for (const above of directories) {
    const entry = byKey.get(above);
    if (entry?.kind === "file") throw refuse(entry.path, "there is a directory of its name, too");
  }
}

/**
 * Path of a file of a lake in a local folder.
 *
 * @throws LakeError `BAD_PATH` when it cannot have such a path
 */
export function placeIn(folder: string, path: string): string {
  checkLocalNames(folder, [{ kind: "file", path }], { platform: process.platform, folds: false });
  return join(folder, path);
}

function checkName(path: string, name: string, { platform }: NameRules): void {
  const reason = reasonAgainst(name, platform);
  if (reason) throw refuse(path, reason);
}

/** Why a local file or folder cannot have a name; undefined when it can. */
export function reasonAgainst(name: string, platform: NodeJS.Platform): string | undefined {
  if (isTemporary(name)) return "such names are kept for downloads under way";
  if (Buffer.byteLength(name) > LONGEST_NAME) return "a name in it is too long";
  const isWindows = platform === "win32";
  return isWindows && (DEVICE.test(name) || NOT_IN_WINDOWS.test(name))
    ? "Windows has no such names"
    : undefined;
}

function keyOf(path: string, { folds }: NameRules): string {
  return folds ? path.normalize("NFC").toLowerCase().normalize("NFC") : path;
}

function refuse(path: string, reason: string): LakeError {
  const name = JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path);
  return new LakeError("BAD_PATH", `${name} cannot be a file of this machine: ${reason}`, {
    hint: "Nothing was downloaded. Move it in the lake, or download the others one by one.",
  });
}

/** Which names a folder takes, tested with a temporary file that is looked up under other spellings. */
export async function nameRulesIn(folder: string): Promise<NameRules> {
  const { platform } = process;
  const probe = `${temporaryBeside(join(folder, "probe"))}.é`.normalize("NFC");
  const file = await open(probe, "wx");
  try {
    const others = [
      probe.normalize("NFD"),
      join(folder, probe.slice(folder.length + 1).toUpperCase()),
    ];
    const matches = await Promise.all(others.map(isLocal));
    return { platform, folds: matches.includes(true) };
  } finally {
    await file.close();
    await rm(probe, { force: true });
  }
}
