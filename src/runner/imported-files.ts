import { readFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { existingFile } from "../kernel/run/resolve-own.ts";
import { cellSource, type Notebook } from "./notebook.ts";

/** Resolves an import specifier of a file to a path; undefined when it cannot be resolved. */
export type Resolve = (specifier: string, importer: string) => Promise<string | undefined>;

/** Specifiers in imports, exports and `require`; matching a comment does no harm. */
const SPECIFIER = /\b(?:from|import|require)\s*\(?\s*(["'])([^"'\n]+)\1/g;

/**
 * The project's own files that a notebook imports, directly or through others; no packages.
 *
 * @param resolve resolver of the project's bundler, for specifiers that the kernel's own rules
 *   cannot resolve
 */
export async function importedFiles(
  file: string,
  notebook: Notebook,
  resolve: Resolve,
): Promise<string[]> {
  const code = notebook.cells.filter(({ cell_type: type }) => type === "code").map(cellSource);
  const matches = new Set<string>();
  const visit = async (text: string, importer: string): Promise<void> => {
    for (const [, , specifier = ""] of text.matchAll(SPECIFIER)) {
      const target = await findFile(specifier, importer, resolve);
      if (!target || matches.has(target)) continue;
      matches.add(target);
      if (/\.[cm]?[jt]sx?$/.test(target)) {
        await visit(await readFile(target, "utf8").catch(() => ""), target);
      }
    }
  };
  await visit(code.join("\n"), file);
  return [...matches].sort();
}

async function findFile(
  specifier: string,
  importer: string,
  resolve: Resolve,
): Promise<string | undefined> {
  if (isBuiltin(specifier)) return undefined;
  const url = /^(\.\.?\/|\/|file:)/.test(specifier)
    ? existingFile(new URL(specifier, pathToFileURL(importer)))
    : undefined;
  const path = url ? fileURLToPath(url) : await resolve(specifier, importer);
  return path?.includes("/node_modules/") ? undefined : path;
}
