import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const isSource = import.meta.url.endsWith(".ts");
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/**
 * The folder of notelake's declarations in a checkout; undefined when there are none, when a source
 * file is newer, and outside a checkout. Cells are checked by them in half the time that the sources
 * take, which import all that they are made with.
 */
export function ownDeclarations(root = ROOT): string | undefined {
  if (!isSource) return undefined;
  const folder = join(root, "node_modules/notelake");
  return modified(factsOf(folder)) > lastChange(join(root, "src")) ? folder : undefined;
}

/**
 * Writes notelake's declarations in a checkout, in about a second, when they are missing or older
 * than a source file. They are in `node_modules`, where tslab looks for the types of packages. Does
 * nothing outside a checkout.
 *
 * @throws Error with the compiler's output when it could write none
 */
export async function writeDeclarations(root = ROOT): Promise<void> {
  if (!isSource || ownDeclarations(root)) return;
  const folder = join(root, "node_modules/notelake");
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const config = join(root, "tsconfig.build.json");
  const outDir = join(folder, "dist");
  const args = ["-p", config, "--emitDeclarationOnly", "--noCheck", "--outDir", outDir];
  await promisify(execFile)(process.execPath, [compiler, ...args]).catch((cause) => {
    // The compiler writes declarations also for sources with errors.
    if (!existsSync(join(outDir, "index.d.ts"))) throw new Error(cause.stdout, { cause });
  });
  const { name, version, types, typesVersions } = JSON.parse(
    readFileSync(join(root, "package.json"), "utf8"),
  );
  // Written last: its time stands for all of them. Without `main` or `exports`, since it is only
  // read.
  await writeFile(
    factsOf(folder),
    JSON.stringify({ name, version, types, typesVersions }, undefined, 2),
  );
}

const factsOf = (folder: string) => join(folder, "package.json");

function lastChange(folder: string): number {
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const times = sources.filter((name) => name.endsWith(".ts"));
  return Math.max(...times.map((name) => modified(join(folder, name))));
}

/** Time of the last modification in milliseconds since 1970; 0 for a missing file. */
function modified(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
