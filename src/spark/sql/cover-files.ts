/** A file of a lake. */
interface LakeFile {
  readonly path: string;
}

/** A folder whose files all count, or one file. */
export interface Part {
  readonly path: string;
  readonly isFolder: boolean;
}

/**
 * The fewest folders and files that stand for exactly `files`, so that an engine that lists folders
 * by itself reads those files and no other.
 *
 * A folder counts as a whole when nothing else is in it, and what lies below it lies in `key=value`
 * folders alike: an engine looks into others or not, as it likes.
 *
 * @param present all files that are there below the same folder, `files` among them
 */
export function coverFiles(files: readonly LakeFile[], present: readonly LakeFile[]): Part[] {
  const requested = new Set(files.map(({ path }) => path));
  return cover(
    "",
    files.map(({ path }) => path),
    present.map(({ path }) => path).filter((path) => !isNote(path)),
    requested,
  );
}

function cover(
  folder: string,
  files: readonly string[],
  present: readonly string[],
  requested: ReadonlySet<string>,
): Part[] {
  if (folder && present.every((path) => requested.has(path)) && isUniform(folder, files)) {
    return [{ path: folder, isFolder: true }];
  }
  const parts: Part[] = [];
  const below = new Map<string, string[]>();
  const start = folder ? folder.length + 1 : 0;
  for (const path of files) {
    const end = path.indexOf("/", start);
    if (end < 0) parts.push({ path, isFolder: false });
    else below.set(path.slice(0, end), [...(below.get(path.slice(0, end)) ?? []), path]);
  }
  for (const [child, inside] of below) {
    const inChild = present.filter((path) => path.startsWith(`${child}/`));
    parts.push(...cover(child, inside, inChild, requested));
  }
  return parts;
}

/** Whether all files lie in `key=value` folders of the same keys below a folder, or right in it. */
function isUniform(folder: string, files: readonly string[]): boolean {
  const between = files.map((path) =>
    path
      .slice(folder.length + 1)
      .split("/")
      .slice(0, -1),
  );
  if (between.flat().some((name) => !name.includes("="))) return false;
  const keys = between.map((names) => names.map((name) => name.split("=")[0]).join("/"));
  return new Set(keys).size === 1;
}

/** Whether engines leave a file out, as a note of the program that wrote the others. */
function isNote(path: string): boolean {
  return path.split("/").some((name) => /^[._]/.test(name) && !name.includes("="));
}
