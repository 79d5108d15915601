import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
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

/**
 * Gives tslab the types of notelake in a checkout. tslab resolves packages only in `node_modules`,
 * where the package being developed is missing: so its declarations are written there, in about two
 * seconds, when they are missing or older than a source file. Does nothing outside a checkout.
 *
 * @throws Error with the compiler's output when it could write none
 */
export async function declareForTslab(
  root: string = fileURLToPath(new URL("../../", import.meta.url)),
): Promise<void> {
  if (!isSource) return;
  const folder = join(root, "node_modules/notelake");
  const facts = join(folder, "package.json");
  if ((await modified(facts)) > (await lastChange(join(root, "src")))) return;
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const args = ["-p", join(root, "tsconfig.build.json"), "--emitDeclarationOnly"];
  await promisify(execFile)(process.execPath, [
    compiler,
    ...args,
    "--outDir",
    join(folder, "dist"),
  ]).catch((cause) => {
    // The compiler writes declarations also for sources with errors.
    if (!existsSync(join(folder, "dist/index.d.ts"))) throw new Error(cause.stdout, { cause });
  });
  const { name, version, types, typesVersions } = JSON.parse(
    readFileSync(join(root, "package.json"), "utf8"),
  );
  // Written last: its time stands for all of them. Without `main` or `exports`, since it is only
  // read.
  await writeFile(facts, JSON.stringify({ name, version, types, typesVersions }, undefined, 2));
}

async function lastChange(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true });
  const times = await Promise.all(
    entries.filter((name) => name.endsWith(".ts")).map((name) => modified(join(folder, name))),
  );
  return Math.max(...times);
}

/** Time of the last modification in milliseconds since 1970; 0 for a missing file. */
async function modified(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.mtimeMs ?? 0;
}
