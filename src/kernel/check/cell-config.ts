import { existsSync, readFileSync } from "node:fs";
import { dirname, join, parse, resolve } from "node:path";
import type { CompilerOptions, Project } from "typescript/unstable/sync";
import { slashed } from "./mirror-folder.ts";

/** Options that a cell needs whatever the project says: how it is run, and that nothing is emitted. */
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

/** The tsconfig.json that counts for a notebook: the one beside it. */
export function findTsconfig(folder: string): string | undefined {
  const path = join(folder, "tsconfig.json");
  return existsSync(path) ? path : undefined;
}

/** Names that JSX is written with under these options: `h` of `h("p")`. */
export function jsxNames({ jsxFactory, jsxFragmentFactory }: CompilerOptions): string[] {
  const names = [jsxFactory ?? "React", jsxFragmentFactory ?? "React"];
  return names.map((name) => name.split(".")[0] ?? name);
}

export interface CellConfigOptions {
  /** Notebook's folder. */
  folder: string;
  /** Folders that stand for the root of the disk. */
  roots: readonly string[];
  /** The project's tsconfig.json, and what it says. */
  tsconfig?: { path: string; options: CompilerOptions };
  /** File that always answers for a specifier, before any package. */
  modules: Readonly<Record<string, string>>;
  /** The files that the project names; the others are imported by them. */
  entries: readonly string[];
}

/**
 * The tsconfig.json of cells. A project's own one is honoured in all that says how code is
 * written and understood: `jsx` and its factory, `lib`, `types`, `paths`, `customConditions`,
 * decorators, and strictness, raised or lowered. Without one cells are checked with `strict`.
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
  // A checkout runs TypeScript sources, and is described by them.
  const source = import.meta.filename.endsWith(".ts") ? ["notelake-source"] : [];
  return JSON.stringify({
    ...(tsconfig && { extends: slashed(tsconfig.path) }),
    compilerOptions: {
      ...(own.strict === undefined && { strict: true }),
      ...(own.jsx === undefined && { jsx: "react" }),
      ...CELL_OPTIONS,
      // All that Node has, and what the project adds to it, such as the DOM.
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

/** What is wrong in the project's own tsconfig.json, one line each; nothing when it is right. */
export function configErrors({ program }: Project): string[] {
  return program.getConfigFileParsingDiagnostics().map(({ fileName, pos, text }) => {
    // The list of what would be right is longer than anybody reads.
    const message = text.length > 300 ? `${text.slice(0, 300)}…` : text;
    if (!fileName || pos < 0) return message;
    const line = readFileSync(fileName, "utf8").slice(0, pos).split("\n").length;
    return `${fileName}, line ${line}: ${message}`;
  });
}
