import { existsSync } from "node:fs";
import { readdir, readFile, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { JupyterError } from "./jupyter-error.ts";
import {
  INSTALLED_BY,
  KERNEL_NAME,
  KERNELSPEC_FILES,
  type KernelspecNames,
  writeKernelspec,
} from "./kernelspec.ts";

/** A kernel of notelake that a Jupyter can find. */
export interface InstalledKernel {
  readonly name: string;
  readonly displayName: string;
  /** The kernelspec's own folder. */
  readonly folder: string;
  /** The Node.js that it starts. */
  readonly node: string;
  /** The program that it starts with it. */
  readonly launcher: string;
  /** Which of the two are gone, so that it cannot start any more. */
  readonly missing: readonly string[];
}

/**
 * Installs the kernel in a folder where Jupyter looks for kernels, or brings it up to date.
 *
 * @param dir such as `~/.local/share/jupyter`
 * @throws JupyterError `FOREIGN_KERNEL` when another program's kernel of that name is there
 */
export async function installKernel(dir: string, names: KernelspecNames = {}): Promise<string> {
  const folder = join(dir, "kernels", names.name ?? KERNEL_NAME);
  await readOwn(folder);
  return await writeKernelspec(dir, names);
}

/**
 * Removes a kernel that `installKernel` put there, and nothing else.
 *
 * @returns the folder that is gone; absent when there was no such kernel
 * @throws JupyterError `FOREIGN_KERNEL` when another program's kernel of that name is there
 */
export async function uninstallKernel(
  dir: string,
  name: string = KERNEL_NAME,
): Promise<string | undefined> {
  const folder = join(dir, "kernels", name);
  if (!(await readOwn(folder))) return undefined;
  // First what makes it a kernel: no Jupyter finds half of one.
  for (const file of KERNELSPEC_FILES.toReversed()) await rm(join(folder, file), { force: true });
  await rmdir(folder).catch((error: NodeJS.ErrnoException) => {
    // Files that somebody else put there stay, and so does their folder.
    if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
  });
  return folder;
}

/** The kernels of notelake below folders where Jupyter looks, whatever their names. */
export async function listKernels(dirs: readonly string[]): Promise<InstalledKernel[]> {
  const kernels: InstalledKernel[] = [];
  for (const dir of dirs) {
    const names = await readdir(join(dir, "kernels")).catch(() => [] as string[]);
    for (const name of names.sort()) {
      const folder = join(dir, "kernels", name);
      const spec = await readKernelspec(folder).catch(() => undefined);
      if (!spec || spec.metadata?.installed_by !== INSTALLED_BY) continue;
      const [node = "", ...rest] = spec.argv ?? [];
      const launcher = rest.at(-2) ?? "";
      const missing = [node, launcher].filter((path) => !existsSync(path));
      kernels.push({
        name,
        displayName: spec.display_name ?? name,
        folder,
        node,
        launcher,
        missing,
      });
    }
  }
  return kernels;
}

interface Kernelspec {
  readonly argv?: readonly string[];
  readonly display_name?: string;
  readonly metadata?: { readonly installed_by?: unknown };
}

async function readKernelspec(folder: string): Promise<Kernelspec | undefined> {
  const text = await readFile(join(folder, "kernel.json"), "utf8").catch((error) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  return text === undefined ? undefined : JSON.parse(text);
}

/** The kernelspec of a folder if it is ours; absent when there is none. */
async function readOwn(folder: string): Promise<Kernelspec | undefined> {
  const spec = await readKernelspec(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code) throw cause;
    throw foreign(folder, "a kernel.json that cannot be read", cause);
  });
  if (!spec || spec.metadata?.installed_by === INSTALLED_BY) return spec;
  throw foreign(folder, `"${spec.display_name}", which another program installed`);
}

function foreign(folder: string, what: string, cause?: unknown): JupyterError {
  return new JupyterError("FOREIGN_KERNEL", `${folder} holds ${what}`, {
    hint: "Choose another name with --name, or remove that folder yourself.",
    cause,
  });
}
