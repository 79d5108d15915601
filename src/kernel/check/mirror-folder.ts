import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, parse, relative, sep } from "node:path";
import { makeTemporaryFolder } from "../../core/temporary-folder.ts";
import { ownDeclarations } from "../own-declarations.ts";

/**
 * A private folder that mirrors the notebook's folder: the checker's files in it resolve imports as
 * if they were beside the notebook, where nothing is written.
 *
 * ```
 * base/node_modules                          last fallbacks (danfojs-node)
 * base/…/node_modules                        the kernel's own packages, notelake among them
 * base/…/root/home/ada/work                  `folder`: the checker's files
 * base/…/root/home/ada/node_modules     ->   /home/ada/node_modules, whether it exists or not
 * ```
 *
 * The compiler option `rootDirs` leads relative imports from `root` to the disk.
 *
 * A path that begins with `^/` is an unsaved document to TypeScript. It completes names there; in
 * other files it refuses to without a list of all possible imports, which its API does not take.
 * Such a path is not on the disk.
 */
export interface MirrorFolder {
  /** Folder of the checker's files. */
  readonly folder: string;
  /** Mirrors the root of the disk. */
  readonly root: string;
  /** Names of `folder` and `root` for unsaved documents. */
  readonly unsaved: { readonly folder: string; readonly root: string };
  /** The temporary folder of this thread, with the mirror in it. */
  readonly temporary: string;
  /** Deletes the mirror. */
  remove(): void;
}

const UNSAVED = "^/notelake/cells";

/** @param folder absolute path of the notebook's folder */
export function createMirrorFolder(folder: string): MirrorFolder {
  const base = realpathSync(makeTemporaryFolder("checker"));
  let level = base;
  linkStandIns(join(level, "node_modules"));
  for (const modules of kernelModules().reverse()) {
    level = join(level, "kernel");
    mkdirSync(level);
    link(modules, join(level, "node_modules"));
  }
  level = join(level, "kernel");
  const own = join(level, "node_modules");
  mkdirSync(join(own, "@types"), { recursive: true });
  link(typesRoot(), join(own, "notelake"));
  const nodeTypes = resolvePackage("@types/node");
  if (nodeTypes) link(nodeTypes, join(own, "@types", "node"));
  const root = join(level, "root");
  const disk = parse(folder).root;
  const mirrored = join(root, relative(disk, folder));
  mkdirSync(mirrored, { recursive: true });
  for (const real of ancestors(folder)) {
    link(join(real, "node_modules"), join(root, relative(disk, real), "node_modules"));
  }
  const unsaved = (path: string) => `${UNSAVED}/${slashed(relative(base, path))}`;
  return {
    folder: slashed(mirrored),
    root: slashed(root),
    unsaved: { folder: unsaved(mirrored), root: unsaved(root) },
    temporary: dirname(base),
    remove: () => rmSync(base, { recursive: true, force: true }),
  };
}

/** A path as the compiler writes it, on Windows too. */
export function slashed(path: string): string {
  return sep === "/" ? path : path.replaceAll(sep, "/");
}

/** The folder of notelake's package.json. */
export function packageRoot(): string {
  const match = ancestors(import.meta.dirname).find((folder) =>
    existsSync(join(folder, "package.json")),
  );
  return match ?? import.meta.dirname;
}

let types: string | undefined;

/**
 * The folder with notelake's types, decided once a process: its declarations in a checkout that has
 * them up to date, else that of its package.json.
 */
export function typesRoot(): string {
  types ??= ownDeclarations() ?? packageRoot();
  return types;
}

/** A folder and those above it, up to the root of its disk. */
export function ancestors(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestors(parent)];
}

/** The `node_modules` folders of the kernel, nearest first. */
function kernelModules(): string[] {
  return ancestors(packageRoot())
    .map((folder) => join(folder, "node_modules"))
    .filter(existsSync);
}

/** The folder of a package that the kernel depends on. */
function resolvePackage(name: string): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

/** Where danfojs-node is not installed, links notelake's Danfo and its types. */
function linkStandIns(modules: string): void {
  const { exports } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8"));
  if (!exports["./danfo"]) return;
  const danfo = join(modules, "danfojs-node");
  mkdirSync(danfo, { recursive: true });
  writeFileSync(join(danfo, "package.json"), `{ "types": "index.d.ts" }`);
  const text = `export * from "notelake/danfo";\nexport { default } from "notelake/danfo";\n`;
  writeFileSync(join(danfo, "index.d.ts"), text);
  // The kernel's own is in a deeper folder, which this file does not see.
  link(typesRoot(), join(modules, "notelake"));
}

/** A junction on Windows, which needs no privilege. */
function link(target: string, path: string): void {
  symlinkSync(target, path, "junction");
}
