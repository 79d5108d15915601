import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { kernelspec, replaceFile, SOURCE_CONDITION } from "./kernelspec.ts";

/** Name under which Jupyter and notebooks know the kernel of tslab; tslab's own installer has it too. */
export const TSLAB_NAME = "tslab";

const isSource = import.meta.url.endsWith(".ts");

/** A tslab that is installed. */
export interface Tslab {
  /** What front ends show, such as `TypeScript (tslab 1.0.22)`. */
  readonly displayName: string;
  /** What starts its kernel; the connection file's path follows. */
  readonly command: readonly string[];
}

/** The tslab that a notebook in `folder` would import; undefined where it is not installed. */
export function findTslab(folder: string): Tslab | undefined {
  try {
    const file = createRequire(join(folder, "notebook.js")).resolve("tslab/package.json");
    const { version, bin } = JSON.parse(readFileSync(file, "utf8"));
    const command = [
      process.execPath,
      // In the checkout `notelake` is its source in this kernel too.
      ...(isSource ? [`--conditions=${SOURCE_CONDITION}`] : []),
      "--disable-warning=ExperimentalWarning",
      join(dirname(file), bin.tslab),
      "kernel",
      "--config-path",
    ];
    return { displayName: `TypeScript (tslab ${version})`, command };
  } catch {
    // Not installed, or not as its package is laid out: the other kernel is there in any case.
    return undefined;
  }
}

/**
 * Offers stock tslab beside our own kernel, `dir/kernels/tslab`, where it is installed, and takes it
 * back where it no longer is.
 *
 * @param dir one of the folders where Jupyter looks
 * @param folder where the notebooks are
 * @returns the tslab that is offered
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
 * Gives tslab the types of notelake in a checkout. tslab looks for a package in `node_modules` alone,
 * where the package that one works on is not: so its declarations are written there, in about two
 * seconds, when they are missing or older than a source file. Elsewhere there is nothing to do.
 *
 * @throws Error with what the compiler said, when it could write none
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
    // Sources with errors have declarations all the same.
    if (!existsSync(join(folder, "dist/index.d.ts"))) throw new Error(cause.stdout, { cause });
  });
  const { name, version, types, typesVersions } = JSON.parse(
    readFileSync(join(root, "package.json"), "utf8"),
  );
  // Last, as its time stands for all of it. Without `main` or `exports`: it is there to be read only.
  await writeFile(facts, JSON.stringify({ name, version, types, typesVersions }, undefined, 2));
}

async function lastChange(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true });
  const times = await Promise.all(
    entries.filter((name) => name.endsWith(".ts")).map((name) => modified(join(folder, name))),
  );
  return Math.max(...times);
}

/** Milliseconds since 1970; 0 for what does not exist. */
async function modified(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.mtimeMs ?? 0;
}
