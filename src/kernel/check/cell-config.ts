import { existsSync, readFileSync } from "node:fs";
import { dirname, join, parse, resolve } from "node:path";
import type { CompilerOptions, Project } from "typescript/unstable/sync";
import { slashed } from "./mirror-folder.ts";

/** Options that the project cannot change: how cells run, and that nothing is emitted. */
const CELL_OPTIONS = {
  target: "ESNext",
  module: "Preserve",
  moduleResolution: "Bundler",
  moduleDetection: "force",
  allowImportingTsExtensions: true,
  rewriteRelativeImportExtensions: false,
  resolveJsonModule: true,
  allowJs: false,
  checkJs: false,
  noEmit: true,
  composite: false,
  incremental: false,
  declaration: false,
  declarationMap: false,
  emitDeclarationOnly: false,
  isolatedDeclarations: false,
  isolatedModules: false,
  verbatimModuleSyntax: false,
  erasableSyntaxOnly: false,
  noUnusedLocals: false,
  noUnusedParameters: false,
  allowUnreachableCode: true,
  allowUnusedLabels: true,
  skipLibCheck: true,
  baseUrl: null,
  rootDir: null,
  outDir: null,
  declarationDir: null,
  tsBuildInfoFile: null,
};

/** The tsconfig.json of a notebook: the one beside it. */
export function findTsconfig(folder: string): string | undefined {
  const path = join(folder, "tsconfig.json");
  return existsSync(path) ? path : undefined;
}

/** Names that JSX uses with these options: `h` of `h("p")`. */
export function jsxNames({ jsxFactory, jsxFragmentFactory }: CompilerOptions): string[] {
  const names = [jsxFactory ?? "React", jsxFragmentFactory ?? "React"];
  return names.map((name) => name.split(".")[0] ?? name);
}

export interface CellConfigOptions {
  /** Notebook's folder. */
  folder: string;
  /** Folders that mirror the root of the disk. */
  roots: readonly string[];
  /** The project's tsconfig.json, and its options. */
  tsconfig?: { path: string; options: CompilerOptions };
  /** Files for specifiers, before any package. */
  modules: Readonly<Record<string, string>>;
  /** The files that the project names; the others are imported by them. */
  entries: readonly string[];
}

/**
 * The tsconfig.json of cells. Of a project's own one, options about how code is written and
 * understood apply: `jsx` and its factory, `lib`, `types`, `paths`, `customConditions`, decorators,
 * and strictness. Without one, `strict`.
 */
export function cellConfig(options: CellConfigOptions): string {
  const { folder, roots, tsconfig, modules, entries } = options;
  const own = tsconfig?.options ?? {};
  const base = dirname(tsconfig?.path ?? folder);
  const paths: Record<string, readonly string[]> = {};
  for (const [name, places] of Object.entries(own.paths ?? {})) {
    paths[name] = places.map((place) => slashed(resolve(base, place)));
  }
  for (const [name, file] of Object.entries(modules)) paths[name] = [slashed(file)];
  // In a checkout, types come from the TypeScript sources.
  const source = import.meta.filename.endsWith(".ts") ? ["notelake-source"] : [];
  return JSON.stringify({
    ...(tsconfig && { extends: slashed(tsconfig.path) }),
    compilerOptions: {
      ...(own.strict === undefined && { strict: true }),
      ...(own.jsx === undefined && { jsx: "react" }),
      ...CELL_OPTIONS,
      // The libraries of Node, and those of the project, such as the DOM.
      lib: ["esnext", ...(own.lib ?? []).map((file) => file.replace(/^lib\.|\.d\.ts$/g, ""))],
      types: [...new Set(["node", ...(own.types ?? [])])],
      customConditions: [...new Set([...(own.customConditions ?? []), ...source, "node"])],
      ...(Object.keys(paths).length > 0 && { paths }),
      rootDirs: [...roots, slashed(parse(folder).root), ...(own.rootDirs ?? [])],
    },
    files: entries,
    include: [],
    references: [],
  });
}

/** Errors in the project's tsconfig.json, one line each. */
export function configErrors({ program }: Project): string[] {
  return program.getConfigFileParsingDiagnostics().map(({ fileName, pos, text }) => {
    // Without the long list of valid values.
    const message = text.length > 300 ? `${text.slice(0, 300)}…` : text;
    if (!fileName || pos < 0) return message;
    const line = readFileSync(fileName, "utf8").slice(0, pos).split("\n").length;
    return `${fileName}, line ${line}: ${message}`;
  });
}
