import { existsSync, statSync } from "node:fs";
import { isBuiltin, type ResolveFnOutput, type ResolveHookContext } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { RunOptions } from "./tsconfig.ts";

type Resolve = (specifier: string, context?: Partial<ResolveHookContext>) => ResolveFnOutput;

/** Specifiers with a fixed target in cells and in the user's modules. */
const REPLACED: ReadonlyMap<string, string> = new Map([
  [
    "tslab",
    new URL(import.meta.url.endsWith(".ts") ? "./tslab.ts" : "./tslab.js", import.meta.url).href,
  ],
]);

const ENDINGS = [".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs", ".jsx", ".json"];

/**
 * Resolves an import of a cell or of a user's module: as Node does, also without a file extension,
 * `mod.js` for `mod.ts`, by `paths` of the tsconfig.json beside the notebook, and packages from the
 * kernel's location if the folder lacks them.
 *
 * @throws Node's error when nothing is found
 */
export function resolveOwn(
  specifier: string,
  context: ResolveHookContext,
  next: Resolve,
  paths: RunOptions["paths"],
): ResolveFnOutput {
  // `require` takes paths, `import` takes URLs.
  const named = (url: string) =>
    context.conditions.includes("require") ? fileURLToPath(url) : url;
  const replaced = REPLACED.get(specifier);
  if (replaced) return { url: replaced, shortCircuit: true };
  const attempt = (text: string, parentURL = context.parentURL): ResolveFnOutput | undefined => {
    try {
      return next(text, parentURL === undefined ? context : { ...context, parentURL });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      return undefined;
    }
  };
  if (specifier === "danfojs-node") {
    // The build patched by notelake, so that there is only one DataFrame class.
    const corrected = attempt("notelake/danfo", import.meta.url);
    if (corrected) return corrected;
  }
  if (/^(\.\.?\/|\/|file:)|^\.\.?$/.test(specifier)) {
    const file = existingFile(new URL(specifier, context.parentURL));
    return next(file ? named(file) : specifier, context);
  }
  for (const target of mappedPaths(specifier, paths)) {
    const file = existingFile(pathToFileURL(target));
    if (file) return next(named(file), context);
  }
  try {
    return next(specifier, context);
  } catch (error) {
    if (!isNotFound(error) || isBuiltin(specifier) || specifier.startsWith("#")) throw error;
    const beside = attempt(specifier, import.meta.url);
    if (!beside) throw error;
    return beside;
  }
}

/** The URL of a file as given or with another extension; undefined when none exists. */
export function existingFile(url: URL): string | undefined {
  const path = fileURLToPath(url);
  const { search } = url;
  if (isFile(path)) return url.href;
  const candidates = [
    ...[".ts", ".tsx"].map((ending) => path.replace(/\.jsx?$/, ending)),
    path.replace(/\.([mc])js$/, ".$1ts"),
    ...ENDINGS.map((ending) => path + ending),
    ...ENDINGS.map((ending) => `${path.replace(/\/$/, "")}/index${ending}`),
  ];
  const match = candidates.find((candidate) => candidate !== path && isFile(candidate));
  return match && pathToFileURL(match).href + search;
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

function* mappedPaths(specifier: string, paths: RunOptions["paths"]): Generator<string> {
  for (const [pattern, targets] of paths) {
    const [before = "", after] = pattern.split("*");
    const matches =
      after === undefined
        ? specifier === pattern
        : specifier.startsWith(before) &&
          specifier.endsWith(after) &&
          specifier.length >= before.length + after.length;
    if (!matches) continue;
    const star = specifier.slice(before.length, specifier.length - (after?.length ?? 0));
    for (const target of targets) yield target.replace("*", star);
  }
}

function isNotFound(error: unknown): boolean {
  return /^(ERR_)?MODULE_NOT_FOUND$/.test(String((error as NodeJS.ErrnoException)?.code));
}
