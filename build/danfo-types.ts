import { existsSync } from "node:fs";
import { copyFile, glob, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";

const PACKAGE = "danfojs-node";
const SPECIFIER = /(\bfrom\s*|\bimport\(\s*)["']([^"'\n]+)["']/g;

/**
 * Copies the declarations that Danfo's own index leads to into `dist`, and makes every declaration
 * there refer to the copies. TypeScript then finds them in any project, however it resolves
 * modules: relative addresses are written out, and the few types of other packages come from
 * `danfo-types-of-others.d.ts`.
 */
export async function publishDanfoTypes(root: string, dist: string): Promise<void> {
  const from = join(root, "node_modules", PACKAGE, "dist");
  const to = join(dist, "frames/danfo/types");
  const others = join(to, "others.d.ts");
  await mkdir(to, { recursive: true });
  await copyFile(join(root, "build/danfo-types-of-others.d.ts"), others);
  const index = "danfojs-node/src/index.d.ts";
  const files = new Set([join(from, index)]);
  for (const file of files) {
    const copy = join(to, relative(from, file));
    const text = (await readFile(file, "utf8"))
      .replaceAll('import stream from "stream"', 'import * as stream from "node:stream"')
      // With `any`, strict checking refuses `(row) => …`, as Danfo's own guide has it.
      .replaceAll("callable: any", "callable: (value: any) => any")
      .replace(SPECIFIER, (whole, before, name) => {
        if (name.startsWith("node:")) return whole;
        if (!name.startsWith(".")) return `${before}"${address(copy, others)}"`;
        const imported = declarationOf(resolve(dirname(file), name));
        files.add(imported);
        return `${before}"${address(copy, join(to, relative(from, imported)))}"`;
      });
    await mkdir(dirname(copy), { recursive: true });
    await writeFile(copy, text);
  }
  for await (const name of glob("**/*.d.ts", { cwd: dist })) {
    if (!join(dist, name).startsWith(to)) await referTo(join(to, index), join(dist, name));
  }
  await writeFile(join(dist, "frames/danfo/index.d.ts"), entryOf(`./types/${index}`));
}

/** What `notelake/danfo` exports: tsc would write out types that only Danfo's own files can name. */
function entryOf(index: string): string {
  const address = index.replace(/\.d\.ts$/, ".js");
  return `export * from "${address}";\nimport * as danfo from "${address}";\nexport default danfo;\n`;
}

async function referTo(index: string, file: string): Promise<void> {
  const text = await readFile(file, "utf8");
  const changed = text.replace(SPECIFIER, (whole, before, name) =>
    name === PACKAGE ? `${before}"${address(file, index)}"` : whole,
  );
  if (changed !== text) await writeFile(file, changed);
}

/** The file that the address of a module without an extension means. */
function declarationOf(path: string): string {
  const found = [`${path}.d.ts`, join(path, "index.d.ts")].find(existsSync);
  if (!found) throw new Error(`${PACKAGE} has no declarations of ${path}`);
  return found;
}

/** How the declarations in `file` import those in `imported`. */
function address(file: string, imported: string): string {
  const path = relative(dirname(file), imported).replaceAll("\\", "/");
  return `${path.startsWith(".") ? "" : "./"}${path.replace(/\.d\.ts$/, ".js")}`;
}
