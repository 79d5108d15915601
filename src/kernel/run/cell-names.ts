import type {
  ExportAllDeclaration,
  ExportNamedDeclaration,
  FunctionDeclaration,
  ImportDeclaration,
  Program,
} from "acorn";
import { isNoticed, twinOf } from "./shadowing.ts";
import { boundNames, isVariableScope, walk } from "./syntax.ts";

/** Top-level declarations of a cell. */
export interface CellNames {
  /** Imports and re-exports, in order. */
  readonly imports: readonly (ImportDeclaration | ExportNamedDeclaration | ExportAllDeclaration)[];
  /** Function declarations, which are hoisted. */
  readonly functions: readonly FunctionDeclaration[];
  /** Names declared by `var` anywhere outside functions. */
  readonly variables: readonly string[];
  /** All declared names, without esbuild's helpers. */
  readonly all: ReadonlySet<string>;
  /** Names that are declared in V8 under another name. */
  readonly renamed: ReadonlyMap<string, string>;
}

let generations = 0;

/**
 * @param source the cell's original source when `program` has generated names: these are renamed so
 *   that no other cell has them
 */
export function collectNames(program: Program, source: string | undefined): CellNames {
  const imports: CellNames["imports"][number][] = [];
  const functions = new Map<string, FunctionDeclaration>();
  const names = new Set<string>();
  const variables = new Set<string>();
  for (const statement of program.body) {
    if (statement.type === "ImportDeclaration") {
      imports.push(statement);
      for (const { local } of statement.specifiers) names.add(local.name);
      continue;
    }
    if ("source" in statement && statement.source) imports.push(statement);
    const declaration = "declaration" in statement ? statement.declaration : statement;
    switch (declaration?.type) {
      case "FunctionDeclaration":
        // `export default function () {}` has no name.
        if (declaration.id) {
          functions.set(declaration.id.name, declaration as FunctionDeclaration);
          names.add(declaration.id.name);
        }
        break;
      case "ClassDeclaration":
        if (declaration.id) names.add(declaration.id.name);
        break;
      case "VariableDeclaration":
        for (const { id } of declaration.declarations) {
          for (const name of boundNames(id)) names.add(name);
        }
    }
  }
  walk(program, (node) => {
    if (node.type === "VariableDeclaration" && node.kind === "var") {
      for (const name of node.declarations.flatMap(({ id }) => boundNames(id))) {
        names.add(name);
        if (!functions.has(name)) variables.add(name);
      }
    }
    return !isVariableScope(node);
  });
  const renamed = new Map<string, string>();
  let generation = 0;
  for (const name of names) {
    if (source !== undefined && !containsWord(source, name)) {
      generation ||= ++generations;
      renamed.set(name, `${name}$${generation}`);
      names.delete(name);
    } else if (isNoticed(name)) renamed.set(name, twinOf(name));
  }
  return {
    imports,
    functions: [...functions.values()],
    variables: [...variables],
    all: names,
    renamed,
  };
}

function containsWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const around = text.charAt(at - 1) + text.charAt(at + word.length);
    if (!/[\w$]/.test(around)) return true;
  }
  return false;
}
