interface LakeFile {
  readonly path: string;
}

/** A folder with all its files, or one file. */
export interface Part {
  readonly path: string;
  readonly isFolder: boolean;
}

/**
 * The fewest folders and files that contain exactly `files`, so that an engine that lists folders
 * itself reads those files and no others.
 *
 * A folder is used only if everything in it is in `files`, and if its subfolders are all Hive
 * partitions of the same keys (`key=value`): engines differ in whether they read others.
 *
 * @param present all files below the same folder, including `files`
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

/** Whether all files are in Hive partitions of the same keys below a folder, or directly in it. */
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

/** Whether engines ignore a file as metadata, such as `_SUCCESS`. */
function isNote(path: string): boolean {
  return path.split("/").some((name) => /^[._]/.test(name) && !name.includes("="));
}
