import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, parse } from "node:path";
import type * as TypeScript from "@tslab/typescript-for-tslab";

const require = createRequire(import.meta.url);

/** The export condition under which `notelake` is its TypeScript source. */
export const SOURCE_CONDITION = "notelake-source";

const conditions = process.execArgv.some((flag) => flag.endsWith(`conditions=${SOURCE_CONDITION}`))
  ? [SOURCE_CONDITION]
  : [];

/** tslab's compiler options, with the resolution of Node's own loader and strict checks. */
export function cellOptions(
  ts: typeof TypeScript,
  options: TypeScript.CompilerOptions,
): TypeScript.CompilerOptions {
  const folder = process.cwd();
  return {
    ...options,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    customConditions: conditions,
    allowImportingTsExtensions: true,
    strict: true,
    // JavaScript in packages is neither checked nor converted: Node runs it as it is.
    allowJs: false,
    checkJs: false,
    types: ["node"],
    typeRoots: [dirname(nodeTypes(folder))],
    sourceMap: true,
    // A notebook may import from anywhere on the disk.
    rootDir: parse(folder).root,
  };
}

/** The nearest `@types/node` above the notebook, else the one that tslab brings. */
function nodeTypes(folder: string): string {
  const candidate = join(folder, "node_modules", "@types", "node");
  if (existsSync(candidate)) return candidate;
  const parent = dirname(folder);
  if (parent !== folder) return nodeTypes(parent);
  return dirname(createRequire(require.resolve("tslab")).resolve("@types/node/package.json"));
}

/**
 * Reads files for the compiler: each once, since what a cell imports stays as it was until the
 * kernel restarts. A package that the notebook's folder does not have is looked for beside the
 * kernel, so that `notelake` resolves in any folder.
 */
export function createHost(
  ts: typeof TypeScript,
  options: TypeScript.CompilerOptions,
  system: TypeScript.System,
): TypeScript.CompilerHost {
  const host = ts.createCompilerHost(options);
  const files = new Map<string, TypeScript.SourceFile | undefined>();
  const cache = ts.createModuleResolutionCache(
    system.getCurrentDirectory(),
    (name) => name,
    options,
  );
  Object.assign(host, {
    readFile: system.readFile,
    fileExists: remembered(system.fileExists),
    directoryExists: remembered(system.directoryExists),
  });
  const read = host.getSourceFile;
  host.getSourceFile = (name, version) => {
    if (!files.has(name)) files.set(name, read(name, version));
    return files.get(name);
  };
  const resolve = (name: string, from: string) =>
    ts.resolveModuleName(name, from, options, host, cache);
  host.resolveModuleNameLiterals = (literals, from) =>
    literals.map(({ text }) => {
      const found = resolve(text, from);
      if (found.resolvedModule || /^[./]|^node:/.test(text)) return found;
      const beside = resolve(text, import.meta.filename);
      return beside.resolvedModule ? beside : found;
    });
  return host;
}

/** Packages do not change while a kernel runs, and each is looked at many times. */
function remembered(exists: (path: string) => boolean): (path: string) => boolean {
  const known = new Map<string, boolean>();
  return (path) => {
    if (!path.includes("/node_modules/")) return exists(path);
    const answer = known.get(path) ?? exists(path);
    known.set(path, answer);
    return answer;
  };
}
