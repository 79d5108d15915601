import { existsSync, readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join, resolve } from "node:path";
import { ancestors, packageRoot } from "./mirror-folder.ts";

/** Extensions of the notebook's own files. */
const OWN_FILE = /\.(?:[mc]?tsx?|[mc]?jsx?|json)$/;

/**
 * Specifiers that begin with `typed`: packages that can be imported from a folder, their subpaths,
 * Node's modules, and files of the folder.
 */
export function moduleNames(folder: string, typed: string): string[] {
  const names = /^\.{1,2}(?:\/|$)/.test(typed) ? ownFiles(folder, typed) : packages(folder, typed);
  return [...new Set(names)].filter((name) => name.startsWith(typed)).sort();
}

function ownFiles(folder: string, typed: string): string[] {
  const above = typed.slice(0, typed.lastIndexOf("/") + 1);
  if (above === "") return ["./", "../"];
  const names: string[] = [];
  for (const entry of entries(resolve(folder, above))) {
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    if (entry.isDirectory()) names.push(`${above}${entry.name}/`);
    else if (OWN_FILE.test(entry.name)) names.push(`${above}${entry.name}`);
  }
  return names;
}

function packages(folder: string, typed: string): readonly string[] {
  const [, name] = /^((?:@[^/]+\/)?[^@/][^/]*)\//.exec(typed) ?? [];
  if (name && !typed.startsWith("node:")) {
    const match = packageFolder(folder, name);
    return match ? subpaths(match, name) : builtinModules;
  }
  const builtin = builtinModules.filter((module) => !module.startsWith("_"));
  const named = builtin.map((module) => (module.startsWith("node:") ? module : `node:${module}`));
  return [...named, ...installed(folder), ...ownDependencies()];
}

/** The `node_modules` folders of a cell, nearest first. */
function moduleFolders(folder: string): string[] {
  return [...ancestors(folder), ...ancestors(packageRoot())]
    .map((above) => join(above, "node_modules"))
    .filter(existsSync);
}

function packageFolder(folder: string, name: string): string | undefined {
  if (name === "notelake") return packageRoot();
  return moduleFolders(folder)
    .map((modules) => join(modules, name))
    .find(existsSync);
}

/** Installed packages. */
function installed(folder: string): string[] {
  const names: string[] = [];
  for (const above of ancestors(folder)) {
    const modules = join(above, "node_modules");
    for (const { name } of entries(modules)) {
      if (name.startsWith(".") || name === "@types") continue;
      if (!name.startsWith("@")) names.push(name);
      else names.push(...entries(join(modules, name)).map((scoped) => `${name}/${scoped.name}`));
    }
  }
  return names;
}

/** notelake and its dependencies, which cells can always import. */
function ownDependencies(): string[] {
  const { name, dependencies = {} } = manifest(packageRoot());
  return [name ?? "notelake", ...Object.keys(dependencies)];
}

/** Subpath exports of a package, such as `notelake/vitest`. */
function subpaths(folder: string, name: string): string[] {
  const { exports } = manifest(folder);
  if (exports && typeof exports === "object") {
    return Object.keys(exports)
      .filter((path) => path.startsWith("./") && !path.includes("*"))
      .map((path) => `${name}/${path.slice(2)}`);
  }
  return entries(folder)
    .filter((entry) => entry.isFile() && /\.[mc]?js(?:on)?$/.test(entry.name))
    .map((entry) => `${name}/${entry.name}`);
}

interface Manifest {
  readonly name?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly exports?: unknown;
}

function manifest(folder: string): Manifest {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  } catch {
    return {};
  }
}

/** Entries of a folder; none when it cannot be read. */
function entries(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
