import type { Program } from "acorn";
import { type CellNames, collectNames } from "./cell-names.ts";
import { CellRewriter, HOOKS_CODE } from "./cell-rewriter.ts";
import { type JavaScript, syntaxError, toJavaScript } from "./javascript.ts";
import { isBareVariable, parseModule } from "./syntax.ts";
import { offsetOf, type Position, positionOf } from "./text-edits.ts";

/** One `import … from` of a cell. */
export interface CellImport {
  readonly specifier: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** The names it imports, as the module exports them; `*` for the namespace. */
  readonly imported: readonly string[];
  readonly position: Position;
}

/** A cell as a script for V8's REPL mode. */
export interface CellScript {
  /** Imports to load first, in order. */
  readonly imports: readonly CellImport[];
  readonly code: string;
  /** Declared names: from those in the cell to those in V8. */
  readonly names: ReadonlyMap<string, string>;
  /** Whether the cell ends with an expression, whose value is its output. */
  readonly hasValue: boolean;
  /** Maps a position in `code` to one in the cell. */
  readonly locate: (place: Position) => Position | undefined;
}

export interface EarlierNames {
  /** Names that are declared in V8 under another name. */
  readonly renamed: ReadonlyMap<string, string>;
  has(name: string): boolean;
}

/**
 * Rewrites a cell for V8's REPL mode; every position can be mapped back:
 *
 * - all declarations become `let`, since V8 lets only `let` redeclare `let`; functions come first
 * - `import`, `import()` and `import.meta` use the kernel's loader; `export` is dropped
 * - names that packages would notice are renamed (see `shadowing.ts`)
 *
 * @throws SyntaxError with `position`
 */
export function writeCellScript(
  source: string,
  earlier: EarlierNames,
  compilerOptions: Readonly<Record<string, unknown>> = {},
): CellScript {
  const js = lower(source, compilerOptions);
  const { code } = js;
  const program = parse(js);
  const names = collectNames(program, js.generated ? source : undefined);
  const rewriter = new CellRewriter(code, program, names);
  rewriter.rename(program, new Map([...earlier.renamed, ...names.renamed]));
  const imports = names.imports.map((node) => describeImport(node, js));
  const runtimeName = (name: string) => names.renamed.get(name) ?? name;
  const imported = names.imports.flatMap((node) =>
    node.type === "ImportDeclaration"
      ? node.specifiers.map(({ local }) => runtimeName(local.name))
      : [],
  );
  // `var` keeps an earlier value; enums and namespaces start anew.
  const variables = names.variables
    .filter((name) => js.generated || !earlier.has(name))
    .map(runtimeName);
  const prelude = [
    '"use strict";',
    imported.length > 0 ? `let [${imported}]=${HOOKS_CODE}.imported;` : "",
    variables.length > 0 ? `let ${variables};` : "",
  ].join("");
  const functions = names.functions.length > 0 ? `${rewriter.functions.text()}\n` : "";
  const head = prelude.length + functions.length;
  const text = prelude + functions + rewriter.main.text();
  const sourceOffset = (offset: number) => {
    if (offset < prelude.length) return undefined;
    if (offset >= head) return rewriter.main.sourceOffset(offset - head);
    return rewriter.functions.sourceOffset(offset - prelude.length);
  };
  return {
    imports,
    code: text,
    names: new Map([...names.all].map((name) => [name, runtimeName(name)])),
    hasValue: endsWithExpression(program, js.generated),
    locate: (position) => {
      const offset = sourceOffset(offsetOf(text, position));
      return offset === undefined ? undefined : js.locate(positionOf(code, offset));
    },
  };
}

function parse({ code, locate }: JavaScript): Program {
  try {
    return parseModule(code);
  } catch (error) {
    const { pos = 0, message } = error as { pos?: number; message: string };
    const place = positionOf(code, pos);
    throw syntaxError(message.replace(/ \(\d+:\d+\)$/, ""), locate(place) ?? place);
  }
}

/** A cell such as `{ a: 1 }` is an object literal, not a block with a label. */
function lower(source: string, compilerOptions: Readonly<Record<string, unknown>>): JavaScript {
  const options = { compilerOptions, keepImports: true };
  const start = /^(\s|\/\/.*\n|\/\*[\s\S]*?\*\/)*\{/.exec(source)?.[0].length;
  if (start === undefined) return toJavaScript(source, options);
  const brace = start - 1;
  try {
    const js = toJavaScript(`${source.slice(0, brace)}(${source.slice(brace)}\n)`, options);
    parseModule(js.code);
    const { line, column } = positionOf(source, brace);
    return {
      ...js,
      locate: (place) => {
        const match = js.locate(place);
        const moved = match?.line === line && match.column > column;
        return moved ? { line, column: match.column - 1 } : match;
      },
    };
  } catch {
    return toJavaScript(source, options);
  }
}

function describeImport(node: CellNames["imports"][number], js: JavaScript): CellImport {
  const place = positionOf(js.code, node.start);
  const nameOf = (key: { name: string } | { value?: unknown }) =>
    "name" in key ? key.name : String(key.value);
  const imported: string[] = [];
  if (node.type === "ImportDeclaration") {
    for (const specifier of node.specifiers) {
      if (specifier.type === "ImportSpecifier") imported.push(nameOf(specifier.imported));
      else imported.push(specifier.type === "ImportDefaultSpecifier" ? "default" : "*");
    }
  }
  return {
    specifier: String(node.source?.value),
    attributes: Object.fromEntries(
      (node.attributes ?? []).map(({ key, value }) => [nameOf(key), String(value.value)]),
    ),
    imported,
    position: js.locate(place) ?? place,
  };
}

function endsWithExpression(program: Program, generated: boolean): boolean {
  // For a namespace, esbuild adds a `var` declaration at the end.
  const last = program.body.findLast(
    (node) => node.type !== "EmptyStatement" && !(generated && isBareVariable(node)),
  );
  if (last?.type === "ExportDefaultDeclaration") return !/Decl/.test(last.declaration.type);
  return last?.type === "ExpressionStatement";
}
