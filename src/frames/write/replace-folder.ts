import { randomBytes } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { LakeError } from "../../core/errors.ts";
import type { Lake, LakeEntry } from "../../lake/lake.ts";
import type { LakeFiles } from "../lake-files.ts";

/** What putting a folder into a lake asks of it. */
export type FolderLake = Pick<Lake, "list" | "exists" | "upload" | "move" | "remove" | "du">;

interface CallOptions {
  readonly overwrite: boolean;
  readonly signal?: AbortSignal;
}

// Longer than an upload takes that is still under way.
const FORGOTTEN = 24 * 3_600_000;

/**
 * Puts a local folder into a lake under `target`, in place of what may be there. The new folder
 * grows beside it as `.NAME.TIME.TAG.new`; then the old one is renamed to `.NAME.TIME.TAG.old`, the
 * new one takes its place, and the old one is removed. Whatever fails, the old one is put back.
 * After a process that was killed in between, `restoreFolder` does that at the next write.
 *
 * @param target path in the lake, without a slash at its end
 * @throws LakeError `EXISTS` without `overwrite`; `CONFLICT` when someone else changed it meanwhile
 */
export async function replaceFolder(
  lake: FolderLake,
  local: string,
  target: string,
  { overwrite, signal }: CallOptions,
): Promise<LakeEntry> {
  const [fresh, old] = namesBeside(target);
  try {
    await uploadAll(lake, local, fresh, signal);
    signal?.throwIfAborted();
    // From here on nobody can call it off: it takes no longer than a few requests.
    return await swap(lake, { fresh, old, target, overwrite });
  } catch (error) {
    await lake.remove(fresh, { recursive: true }).catch(() => undefined);
    throw error;
  }
}

/**
 * Clears up what a write of `target` left that was killed: puts the old folder back if nothing is
 * in its place, and removes it if the new one is; removes new ones that nobody has completed in a
 * day.
 */
export async function restoreFolder(lake: FolderLake, target: string): Promise<void> {
  for (const { path, isOld, age } of await leftovers(lake, target)) {
    if (isOld && !(await lake.exists(target))) await lake.move(path, target);
    else if (isOld || age > FORGOTTEN) await lake.remove(path, { recursive: true });
  }
}

/** Path of what `target` held before a write that was killed, or that is about to be done. */
export async function replacedFolder(
  lake: Pick<LakeFiles, "list">,
  target: string,
): Promise<string | undefined> {
  return (await leftovers(lake, target)).find(({ isOld }) => isOld)?.path;
}

interface Swap {
  readonly fresh: string;
  readonly old: string;
  readonly target: string;
  readonly overwrite: boolean;
}

async function swap(lake: FolderLake, { fresh, old, target, overwrite }: Swap): Promise<LakeEntry> {
  const replaces = overwrite && (await lake.exists(target));
  if (!replaces) return lake.move(fresh, target);
  let placed: LakeEntry;
  try {
    await lake.move(target, old);
    placed = await lake.move(fresh, target);
  } catch (error) {
    await moveBack(lake, old, target, error);
    throw error;
  }
  await lake.remove(old, { recursive: true }).catch(({ message }: Error) => {
    console.warn(`${old} holds what was replaced and could not be removed: ${message}`);
  });
  return placed;
}

/** A request may have been done although its answer never came, so the lake is asked how it is. */
async function moveBack(
  lake: FolderLake,
  old: string,
  target: string,
  cause: unknown,
): Promise<void> {
  try {
    if (!(await lake.exists(target))) await lake.move(old, target);
  } catch {
    const hint = `It is whole in ${old}. The next write of ${target} puts it back, or move it yourself: await lake.move("${old}", "${target}").`;
    throw new LakeError("REPLACING", `what ${target} held could not be put back`, { hint, cause });
  }
}

async function uploadAll(
  lake: FolderLake,
  local: string,
  place: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const wait = signal ? { signal } : {};
  const entries = await readdir(local, { recursive: true, withFileTypes: true });
  const files = entries.filter((item) => item.isFile());
  let bytes = 0;
  for (const file of files) {
    const localFile = join(file.parentPath, file.name);
    bytes += (await stat(localFile)).size;
    await lake.upload(
      localFile,
      `${place}/${relative(local, localFile).split(sep).join("/")}`,
      wait,
    );
  }
  const there = await lake.du(place, wait);
  if (there.files === files.length && there.bytes === bytes) return;
  throw new LakeError("CONFLICT", `someone else changed ${place} while it was written`, {
    hint: "Nothing was replaced. Write again.",
  });
}

/** Names that globs and other readers of folders pass over, and that sort by time. */
function namesBeside(target: string): readonly [fresh: string, old: string] {
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const [parent, name] = split(target);
  const stem = `${parent}.${name}.${time}.${randomBytes(4).toString("hex")}`;
  return [`${stem}.new`, `${stem}.old`];
}

interface Leftover {
  readonly path: string;
  readonly isOld: boolean;
  /** Milliseconds since its write began. */
  readonly age: number;
}

const NAME = /^\.(.+)\.(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.[0-9a-f]{8}\.(new|old)$/;

/** Path of the folder that a write replaces, if `path` is where what it held is meanwhile. */
export function replacedBy(path: string): string | undefined {
  const [parent, hidden] = split(path);
  const [, name, ...rest] = NAME.exec(hidden) ?? [];
  return rest.at(-1) === "old" ? `${parent}${name}` : undefined;
}

/** What writes of `target` left beside it, the latest first. */
async function leftovers(lake: Pick<LakeFiles, "list">, target: string): Promise<Leftover[]> {
  const [parent, name] = split(target);
  const matches: Leftover[] = [];
  try {
    for await (const { path } of lake.list(parent.replaceAll(/[*?[\]{}()\\]/g, "\\$&"))) {
      const [, of, year, month, day, hour, minute, second, kind] = NAME.exec(split(path)[1]) ?? [];
      if (of !== name) continue;
      const began = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
      matches.push({ path, isOld: kind === "old", age: Date.now() - began });
    }
  } catch (error) {
    // Where there is no such directory yet, nothing was left.
    if (!(error instanceof LakeError) || error.code !== "NOT_FOUND") throw error;
  }
  return matches.reverse();
}

/** The directory of a path or URL, with a slash at its end unless it is the root, and the name. */
function split(target: string): readonly [parent: string, name: string] {
  const end = target.lastIndexOf("/") + 1;
  return [target.slice(0, end), target.slice(end)];
}
