// As a whole: see refuse-old-node.ts.
import fs from "node:fs";
import { basename, join } from "node:path";

const SKIPPED = /^(node_modules|\..+)$/;

/**
 * The notebooks that are meant: a file is itself, a folder is all that it holds and what is below it,
 * in order; what packages bring and hidden folders, such as Jupyter's checkpoints, are not.
 */
export function findNotebooks(paths: readonly string[]): string[] {
  const matches = paths.flatMap((path) =>
    fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() ? notebooksIn(path) : [path],
  );
  return [...new Set(matches)];
}

function notebooksIn(folder: string): string[] {
  return fs
    .globSync("**/*.ipynb", { cwd: folder, exclude: (path) => SKIPPED.test(basename(path)) })
    .sort()
    .map((path) => join(folder, path));
}
