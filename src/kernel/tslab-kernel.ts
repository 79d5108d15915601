import { readFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { kernelspec, replaceFile, SOURCE_CONDITION } from "./kernelspec.ts";

/** Kernel name of tslab, as its own installer sets it. */
export const TSLAB_NAME = "tslab";

const isSource = import.meta.url.endsWith(".ts");

/** An installed tslab. */
export interface Tslab {
  /** Display name, such as `TypeScript (tslab 1.0.22)`. */
  readonly displayName: string;
  /** Command that starts its kernel; the connection file's path is appended. */
  readonly command: readonly string[];
}

/** The tslab that a notebook in `folder` would import; undefined where it is not installed. */
export function findTslab(folder: string): Tslab | undefined {
  try {
    const file = createRequire(join(folder, "notebook.js")).resolve("tslab/package.json");
    const { version, bin } = JSON.parse(readFileSync(file, "utf8"));
    const command = [
      process.execPath,
      // In a checkout, `notelake` resolves to its sources in this kernel, too.
      ...(isSource ? [`--conditions=${SOURCE_CONDITION}`] : []),
      "--disable-warning=ExperimentalWarning",
      join(dirname(file), bin.tslab),
      "kernel",
      "--config-path",
    ];
    return { displayName: `TypeScript (tslab ${version})`, command };
  } catch {
    // Not installed, or with another layout of its package.
    return undefined;
  }
}

/**
 * Installs the kernelspec of tslab as `dir/kernels/tslab` if tslab is installed, and removes it if
 * it no longer is.
 *
 * @param dir a data folder of Jupyter
 * @param folder folder of the notebooks
 * @returns the tslab found
 */
export async function offerTslab(dir: string, folder: string): Promise<Tslab | undefined> {
  const tslab = findTslab(folder);
  const kernel = join(dir, "kernels", TSLAB_NAME);
  if (!tslab) {
    await rm(kernel, { recursive: true, force: true });
    return undefined;
  }
  await mkdir(kernel, { recursive: true });
  const { displayName, command } = tslab;
  await replaceFile(join(kernel, "kernel.json"), kernelspec(displayName, command, "signal"));
  return tslab;
}
