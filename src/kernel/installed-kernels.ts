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

/** An installed kernel of notelake. */
export interface InstalledKernel {
  readonly name: string;
  readonly displayName: string;
  /** The kernelspec's own folder. */
  readonly folder: string;
  /** Its Node.js. */
  readonly node: string;
  /** Its program. */
  readonly launcher: string;
  /** Which of the two are missing. */
  readonly missing: readonly string[];
}

/**
 * Installs or updates the kernel in a data folder of Jupyter.
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
 * Removes a kernel of `installKernel`.
 *
 * @returns the folder that was removed; undefined when there was none
 * @throws JupyterError `FOREIGN_KERNEL` when another program's kernel of that name is there
 */
export async function uninstallKernel(
  dir: string,
  name: string = KERNEL_NAME,
): Promise<string | undefined> {
  const folder = join(dir, "kernels", name);
  if (!(await readOwn(folder))) return undefined;
  // `kernel.json` first, so that Jupyter never finds an incomplete kernel.
  for (const file of KERNELSPEC_FILES.toReversed()) await rm(join(folder, file), { force: true });
  await rmdir(folder).catch((error: NodeJS.ErrnoException) => {
    // A folder with other files stays.
    if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
  });
  return folder;
}

/** The kernels of notelake in data folders of Jupyter, whatever their names. */
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

/** The kernelspec of a folder if it is ours; undefined when there is none. */
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
