// The whole module: see refuse-old-node.ts.
import module, { createRequire, SourceMap } from "node:module";
import type { Program } from "acorn";
import type { TransformOptions } from "esbuild";
import { parseModule, walk } from "./syntax.ts";
import { offsetOf, type Position } from "./text-edits.ts";

/** TypeScript compiled to JavaScript that this Node runs. */
export interface JavaScript {
  readonly code: string;
  /** Whether `code` has names that the source lacks. */
  readonly generated: boolean;
  /** Maps a position in `code` to the source; undefined where it has no counterpart. */
  readonly locate: (place: Position) => Position | undefined;
}

export interface LoweringOptions {
  /** The `compilerOptions` for esbuild: those of JSX and decorators. */
  readonly compilerOptions?: Readonly<Record<string, unknown>>;
  /** Keep unused imports: later cells may use them. */
  readonly keepImports: boolean;
}

/**
 * Compiles TypeScript. Node's type stripping keeps positions and suffices nearly always; enums,
 * namespaces and parameter properties need its transform mode, and decorators, JSX, and `using` in
 * an older V8 need esbuild.
 *
 * @throws SyntaxError with `position`
 */
export function toJavaScript(source: string, options: LoweringOptions): JavaScript {
  const text = source.replace(/^#!/, "//");
  const isCell = options.keepImports;
  if (isPlain(text, isCell)) return unchanged(text);
  try {
    const code = module.stripTypeScriptTypes(text);
    return isModule(code, isCell) ? unchanged(code) : byEsbuild(text, "ts", options);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX") return transformed(text, options);
    return byEsbuild(text, "tsx", options);
  }
}

/** Whether it parses as JavaScript. `f<a>(b)` is valid in both, with different meanings. */
function isPlain(text: string, isCell: boolean): boolean {
  return !/<[^;]*>\s*[(`]/.test(text) && isModule(text, isCell);
}

/** Whether this V8 accepts it; top-level `using` of a cell is rewritten by the kernel. */
function isModule(code: string, isCell: boolean): boolean {
  try {
    const program = parseModule(code);
    return knowsUsing || !/\busing\b/.test(code) || (isCell && !hasInnerUsing(program));
  } catch {
    return false;
  }
}

function hasInnerUsing(program: Program): boolean {
  let found = false;
  walk(program, (node, parent) => {
    const isUsing = node.type === "VariableDeclaration" && /using$/.test(node.kind);
    found ||= isUsing && parent !== program;
    return !found;
  });
  return found;
}

const knowsUsing = (() => {
  try {
    new Function("{ using a = null; }");
    return true;
  } catch {
    return false;
  }
})();

const unchanged = (code: string): JavaScript => ({
  code,
  generated: false,
  locate: (place) => place,
});

const MAP_COMMENT = /\n*\/\/# sourceMappingURL=data:application\/json;base64,(\S+)\s*$/;

function transformed(text: string, options: LoweringOptions): JavaScript {
  const output = module.stripTypeScriptTypes(text, { mode: "transform", sourceMap: true });
  const code = output.replace(MAP_COMMENT, "\n");
  if (!isModule(code, options.keepImports)) return byEsbuild(text, "ts", options);
  const map = Buffer.from(MAP_COMMENT.exec(output)?.[1] ?? "", "base64").toString();
  return { code, generated: true, locate: throughMap(map, code, text) };
}

const require = createRequire(import.meta.url);

function byEsbuild(text: string, loader: "ts" | "tsx", options: LoweringOptions): JavaScript {
  const esbuild: typeof import("esbuild") = require("esbuild");
  const { compilerOptions = {}, keepImports } = options;
  const implied = /@jsxImportSource\s/.test(text) ? { jsx: "react-jsx" as const } : {};
  const request: TransformOptions & { sourcemap: "external" } = {
    loader,
    target: `node${process.versions.node}`,
    supported: { decorators: false, "top-level-await": true },
    sourcemap: "external",
    charset: "utf8",
    logLevel: "silent",
    tsconfigRaw: {
      compilerOptions: { ...compilerOptions, ...implied, verbatimModuleSyntax: keepImports },
    },
  };
  try {
    const { code, map } = esbuild.transformSync(text, request);
    return { code, generated: true, locate: throughMap(map, code, text) };
  } catch (error) {
    const { errors } = error as { errors?: { text: string; location: Place | null }[] };
    const [first] = errors ?? [];
    if (!first) throw error;
    const { line = 1, column = 0 } = first.location ?? {};
    throw syntaxError(first.text, { line, column: column + 1 });
  }
}

interface Place {
  readonly line: number;
  readonly column: number;
}

export function syntaxError(message: string, position: Position): SyntaxError {
  return Object.assign(new SyntaxError(message), { position });
}

/** Maps positions of `code` to `source` by a source map in JSON. */
function throughMap(json: string, code: string, source: string): JavaScript["locate"] {
  let map: SourceMap | undefined;
  return (place) => {
    map ??= new SourceMap(JSON.parse(json));
    const entry = map.findEntry(place.line - 1, place.column - 1);
    if (!("originalLine" in entry)) return undefined;
    const { originalLine, originalColumn, generatedLine, generatedColumn } = entry;
    const original = { line: originalLine + 1, column: originalColumn + 1 };
    if (generatedLine !== place.line - 1) return original;
    // Source maps are coarse within statements; where the texts are equal, so is the distance.
    const way = place.column - 1 - generatedColumn;
    const from = offsetOf(code, { line: place.line, column: generatedColumn + 1 });
    const to = offsetOf(source, original);
    const same = code.slice(from, from + way) === source.slice(to, to + way);
    return same ? { line: original.line, column: original.column + way } : original;
  };
}
