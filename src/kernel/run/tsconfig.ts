import { readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

type Json = Readonly<Record<string, unknown>>;

/** The settings of a `tsconfig.json` beside the notebook that affect how code runs. */
export interface RunOptions {
  /** Options of JSX and decorators, for esbuild. */
  readonly compilerOptions: Json;
  /** `paths`: patterns, and absolute targets with `*`. */
  readonly paths: readonly (readonly [pattern: string, targets: readonly string[]])[];
}

const RUN_TIME = /^(jsx\w*|experimentalDecorators|useDefineForClassFields)$/;
const DEPTH_LIMIT = 8;

/**
 * Reads `tsconfig.json` of a folder and those it extends by a relative path. A missing or invalid
 * file has no effect here: the type checker reports it.
 */
export function readRunOptions(folder: string): RunOptions {
  const { options, base } = readOptions(join(folder, "tsconfig.json"), 0);
  const compilerOptions = Object.entries(options).filter(([name]) => RUN_TIME.test(name));
  const paths = Object.entries((options.paths ?? {}) as Record<string, unknown>).map(
    ([pattern, targets]) =>
      [
        pattern,
        (Array.isArray(targets) ? targets : []).map((to) => resolve(base, String(to))),
      ] as const,
  );
  return { compilerOptions: Object.fromEntries(compilerOptions), paths };
}

/** The same, read again only when the file has changed. */
export function watchRunOptions(folder: string): () => RunOptions {
  let stamp: string | undefined;
  let options: RunOptions | undefined;
  return () => {
    const stats = statSync(join(folder, "tsconfig.json"), { throwIfNoEntry: false });
    const current = stats ? `${stats.mtimeMs} ${stats.size}` : "";
    if (!options || stamp !== current) options = readRunOptions(folder);
    stamp = current;
    return options;
  };
}

function readOptions(file: string, depth: number): { options: Json; base: string } {
  const base = dirname(file);
  let config: Json;
  try {
    config = parseJsonWithComments(readFileSync(file, "utf8")) as Json;
  } catch {
    return { options: {}, base };
  }
  const own = (config.compilerOptions ?? {}) as Json;
  const parent = typeof config.extends === "string" ? config.extends : "";
  if (!/^[./]/.test(parent) || depth === DEPTH_LIMIT) return { options: own, base };
  const inherited = readOptions(
    resolve(base, parent.endsWith(".json") ? parent : `${parent}.json`),
    depth + 1,
  );
  // `paths` are relative to the file that contains them.
  const pathsBase = own.paths ? base : inherited.base;
  return { options: { ...inherited.options, ...own }, base: pathsBase };
}

function parseJsonWithComments(text: string): unknown {
  const bare = text
    .replace(/^\uFEFF/, "")
    .replace(/("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_match, string) => string ?? "")
    .replace(/("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g, (_match, string) => string ?? "");
  return JSON.parse(bare);
}
