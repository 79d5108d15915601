import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { NotelakeError } from "../core/errors.ts";
import { readPackage } from "../core/package.ts";

export class ProjectError extends NotelakeError {
  override readonly name = "ProjectError";
}

const TEMPLATE = new URL("../../template/", import.meta.url);
/** The project's name in the template's files, which is replaced. */
const TEMPLATE_NAME = "my-notebooks";

/** Paths of the template's files in a project. npm never packs a file named `.gitignore`. */
const FILES: Readonly<Record<string, string>> = {
  "README.md": "README.md",
  gitignore: ".gitignore",
  "tsconfig.json": "tsconfig.json",
  "notebooks/00-start-here.ipynb": "notebooks/00-start-here.ipynb",
  "notebooks/mean-by.ts": "notebooks/mean-by.ts",
  "vitest.config.ts": "vitest.config.ts",
  "workflow.yml": ".github/workflows/test.yml",
};

/**
 * Creates a project with a notebook, a module that it imports, and their test. All or nothing: it
 * is written to a temporary folder beside `folder`, then moved.
 *
 * @param folder absolute path of a folder that does not exist or is empty; `.git` may be in it
 * @returns the files of the project, relative to `folder`
 * @throws ProjectError `NOT_EMPTY` or `NOT_A_FOLDER`; the system's error where writing is not
 *   allowed
 */
export async function makeProject(folder: string): Promise<string[]> {
  const isThere = await isEmptyFolder(folder);
  // On the same file system as the target, so that one rename moves it.
  const parent = isThere ? folder : dirname(folder);
  const made = await mkdir(parent, { recursive: true });
  const draft = join(parent, `.notelake-new-${process.pid}`);
  const moved: string[] = [];
  try {
    await mkdir(draft);
    const files = await writeFiles(draft, packageName(folder));
    if (isThere) {
      for (const name of await readdir(draft)) {
        await rename(join(draft, name), join(folder, name));
        moved.push(join(folder, name));
      }
      await rm(draft, { recursive: true });
    } else {
      await rename(draft, folder);
    }
    return files;
  } catch (error) {
    for (const path of [...moved, draft, made]) {
      if (path) await rm(path, { recursive: true, force: true });
    }
    const { path } = error as NodeJS.ErrnoException;
    throw Object.assign(error as Error, path && { path: path.replace(draft, folder) });
  }
}

/** Whether the folder exists. Throws when it is not empty. */
async function isEmptyFolder(folder: string): Promise<boolean> {
  const hint = "Name a folder that is empty, or that is not there yet.";
  try {
    const names = (await readdir(folder)).filter((name) => name !== ".git");
    if (names.length === 0) return true;
    const some = names.length > 3 ? [...names.slice(0, 3), "…"] : names;
    throw new ProjectError("NOT_EMPTY", `${folder} is not empty: ${some.join(", ")}`, { hint });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return false;
    if (code !== "ENOTDIR") throw error;
    throw new ProjectError("NOT_A_FOLDER", `${folder} is a file, or inside one`, { hint });
  }
}

async function writeFiles(draft: string, name: string): Promise<string[]> {
  const contents = new Map([["package.json", packageFile(name)]]);
  for (const [from, to] of Object.entries(FILES)) {
    const text = await readFile(new URL(from, TEMPLATE), "utf8");
    contents.set(to, text.replaceAll(TEMPLATE_NAME, name));
  }
  for (const [file, text] of contents) {
    const path = join(draft, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text).catch((error: NodeJS.ErrnoException) => {
      // ENOSPC comes without a path.
      throw Object.assign(error, { path });
    });
  }
  return [...contents.keys()];
}

/** The project's package.json, with the versions this notelake is tested with. */
function packageFile(name: string): string {
  const { version, engines, dependencies, devDependencies } = readPackage();
  const packages = {
    "@types/node": devDependencies["@types/node"],
    typescript: dependencies.typescript,
    vitest: `^${devDependencies.vitest}`,
  };
  const content = {
    // npm refuses to install a package into a project of the same name.
    name: name === "notelake" || name in packages ? `${name}-notebooks` : name,
    private: true,
    type: "module",
    engines,
    scripts: {
      start: "notelake lab",
      test: "vitest run",
      check: "node node_modules/typescript/bin/tsc",
    },
    dependencies: { notelake: `^${version}` },
    devDependencies: packages,
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** A name that npm accepts, made from the folder's: `My Notebooks` becomes `my-notebooks`. */
function packageName(folder: string): string {
  const name = basename(folder)
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9._~-]+/g, "-")
    .replace(/^[-._~]+|-+$/g, "");
  return name.slice(0, 200) || TEMPLATE_NAME;
}
