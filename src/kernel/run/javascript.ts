// As a whole: see refuse-old-node.ts.
import module, { createRequire, SourceMap } from "node:module";
import type { Program } from "acorn";
import type { TransformOptions } from "esbuild";
import { parseModule, walk } from "./syntax.ts";
import { offsetOf, type Position } from "./text-edits.ts";

/** TypeScript turned into JavaScript that this Node runs. */
export interface JavaScript {
  readonly code: string;
  /** Whether `code` has names that the source does not have. */
  readonly generated: boolean;
  /** Leads a place of `code` back to the source; undefined where it has no counterpart. */
  readonly locate: (place: Position) => Position | undefined;
}

export interface LoweringOptions {
  /** `compilerOptions` that esbuild understands: those of JSX and decorators. */
  readonly compilerOptions?: Readonly<Record<string, unknown>>;
  /** Keep imports that nothing in this code uses: later cells may. */
  readonly keepImports: boolean;
}

/**
 * Takes the types out of TypeScript. Node's own type stripping keeps every place and does nearly all;
 * what it cannot is left to its transform (enums, namespaces, parameter properties) and to esbuild
 * (decorators, JSX, `using` where this V8 does not know it).
 *
 * @throws SyntaxError with the `position` of what is wrong
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

/** JavaScript as it is; `f<a>(b)` could be either, and would mean something else without types. */
function isPlain(text: string, isCell: boolean): boolean {
  return !/<[^;]*>\s*[(`]/.test(text) && isModule(text, isCell);
}

/** Whether this V8 takes it, once the kernel has seen to the `using` at the top of a cell. */
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

/** Leads places of `code` back to `source`, by a map as JSON. */
function throughMap(json: string, code: string, source: string): JavaScript["locate"] {
  let map: SourceMap | undefined;
  return (place) => {
    map ??= new SourceMap(JSON.parse(json));
    const entry = map.findEntry(place.line - 1, place.column - 1);
    if (!("originalLine" in entry)) return undefined;
    const { originalLine, originalColumn, generatedLine, generatedColumn } = entry;
    const original = { line: originalLine + 1, column: originalColumn + 1 };
    if (generatedLine !== place.line - 1) return original;
    // A map knows statements better than what is in them; where the text is the same, so is the way.
    const way = place.column - 1 - generatedColumn;
    const from = offsetOf(code, { line: place.line, column: generatedColumn + 1 });
    const to = offsetOf(source, original);
    const same = code.slice(from, from + way) === source.slice(to, to + way);
    return same ? { line: original.line, column: original.column + way } : original;
  };
}
