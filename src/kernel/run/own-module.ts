import type { ImportDeclaration, Program } from "acorn";
import { toJavaScript } from "./javascript.ts";
import { parseModule, walk } from "./syntax.ts";
import { type Position, TextEdits } from "./text-edits.ts";

/** One of the user's own modules as Node runs it. */
export interface OwnModule {
  readonly format: "module" | "commonjs";
  readonly source: string;
  /** Maps a position in `source` to the file. */
  readonly locate: (place: Position) => Position | undefined;
}

/**
 * Compiles a user's module. One with `import` or `export` is an ES module, whatever the nearest
 * package.json says.
 *
 * @param format the format that Node determined
 * @throws SyntaxError with `position`
 */
export function toOwnModule(
  path: string,
  text: string,
  format: string,
  compilerOptions: Readonly<Record<string, unknown>>,
): OwnModule {
  const js = toJavaScript(text, { compilerOptions, keepImports: false });
  const program = parse(js.code);
  const isModule =
    /\.m[jt]s$/.test(path) || !format.startsWith("commonjs") || hasModuleSyntax(program);
  if (/\.c[jt]s$/.test(path) || !isModule || !program) {
    return { format: "commonjs", source: js.code, locate: js.locate };
  }
  const source = /\.m?tsx?$/.test(path) ? withoutUnusedImports(js.code, program) : js.code;
  return { format: "module", source, locate: js.locate };
}

/** Undefined for a script that is not a module, such as one with a top-level `return`. */
function parse(code: string): Program | undefined {
  try {
    return parseModule(code);
  } catch {
    return undefined;
  }
}

function hasModuleSyntax(program: Program | undefined): boolean {
  return program?.body.some(({ type }) => /^(Import|Export)\w*Declaration$/.test(type)) ?? false;
}

/** Drops unused imports, as TypeScript does: types do not exist at run time. */
function withoutUnusedImports(code: string, program: Program): string {
  const used = new Set<string>();
  walk(program, (node) => {
    if (node.type === "Identifier") used.add(node.name);
    return node.type !== "ImportDeclaration";
  });
  const edits = new TextEdits(code);
  for (const node of program.body) {
    if (node.type !== "ImportDeclaration" || node.specifiers.length === 0) continue;
    const kept = node.specifiers.filter(({ local }) => used.has(local.name));
    if (kept.length === node.specifiers.length) continue;
    if (kept.length === 0) edits.blankStatement(node.start, node.end);
    else {
      const { start, source } = node;
      const lineEnds = code.slice(start, source.start).match(/\n/g) ?? [];
      edits.replace(start, source.start, importClause(code, kept) + lineEnds.join(""));
    }
  }
  return edits.text();
}

function importClause(code: string, kept: ImportDeclaration["specifiers"]): string {
  const text = (each: (typeof kept)[number]) => code.slice(each.start, each.end);
  const named = kept.filter(({ type }) => type === "ImportSpecifier").map(text);
  const others = kept.filter(({ type }) => type !== "ImportSpecifier").map(text);
  const clause = [...others, ...(named.length > 0 ? [`{ ${named.join(", ")} }`] : [])];
  return `import ${clause.join(", ")} from `;
}
