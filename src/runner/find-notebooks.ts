// The whole module: see refuse-old-node.ts.
import fs from "node:fs";
import { basename, join } from "node:path";

const SKIPPED = /^(node_modules|\..+)$/;

/**
 * The notebooks that paths name: a file stands for itself, a folder for all notebooks in and below
 * it, sorted. `node_modules` and hidden folders, such as Jupyter's checkpoints, are left out.
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
