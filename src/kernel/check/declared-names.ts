import { type Node, NodeFlags, type SourceFile, SyntaxKind } from "typescript/unstable/ast";
import {
  isArrayBindingPattern,
  isArrayLiteralExpression,
  isArrowFunction,
  isBindingElement,
  isClassDeclaration,
  isEnumDeclaration,
  isFunctionDeclaration,
  isFunctionLikeDeclaration,
  isIdentifier,
  isImportDeclaration,
  isImportEqualsDeclaration,
  isInterfaceDeclaration,
  isLiteralExpression,
  isModuleDeclaration,
  isNamedImports,
  isObjectBindingPattern,
  isObjectLiteralExpression,
  isTypeAliasDeclaration,
  isVariableDeclarationList,
  isVariableStatement,
} from "typescript/unstable/ast/is";

export type DeclarationKind =
  | "const"
  | "let"
  | "function"
  | "class"
  | "enum"
  | "namespace"
  | "import"
  | "type";

/** A name that a cell declares at its top level. */
export interface DeclaredName {
  readonly name: string;
  readonly kind: DeclarationKind;
  /** Whether it exists at run time, by its syntax. */
  readonly isValue: boolean;
  /** Whether it is also a type or a namespace, as a class is. */
  readonly isType: boolean;
  /** Offset of the name in the file. */
  readonly position: number;
  /**
   * Whether its type evolves with its use: `const list = []` becomes an array of what is pushed,
   * `let x` without a type is anything.
   */
  readonly evolves?: "array" | "any";
  /** Whether its value is written as a literal or a function, whose type is no union. */
  readonly isLiteral?: boolean;
}

/** Declarations of a file after an offset, and whether it extends the global scope. */
export interface Declarations {
  readonly names: ReadonlyMap<string, DeclaredName>;
  readonly augmentsGlobal: boolean;
}

/** Finds what a cell declares, `var` in nested statements included. */
export function declaredNames(file: SourceFile, offset: number): Declarations {
  const names = new Map<string, DeclaredName>();
  let augmentsGlobal = false;
  const add = (
    node: Node | undefined,
    kind: DeclarationKind,
    isValue = true,
    type: Pick<DeclaredName, "evolves" | "isLiteral"> = {},
  ): void => {
    if (!node || !isIdentifier(node)) return;
    const before = names.get(node.text);
    const isType = kind !== "const" && kind !== "let" && kind !== "function";
    names.set(node.text, {
      name: node.text,
      kind: before && before.kind !== "type" ? before.kind : kind,
      isValue: isValue || (before?.isValue ?? false),
      isType: isType || (before?.isType ?? false),
      position: node.getStart(file),
      ...type,
    });
  };
  const addBindings = (name: Node, kind: DeclarationKind): void => {
    if (isObjectBindingPattern(name) || isArrayBindingPattern(name)) {
      for (const element of name.elements) {
        if (isBindingElement(element) && element.name) addBindings(element.name, kind);
      }
    } else add(name, kind);
  };
  const addList = (list: Node, onlyVar: boolean): void => {
    if (!isVariableDeclarationList(list)) return;
    const scoped = list.flags & NodeFlags.BlockScoped;
    if (onlyVar && scoped) return;
    const fixed = scoped !== 0 && scoped !== NodeFlags.Let;
    const kind = fixed ? "const" : "let";
    for (const { name, type, initializer } of list.declarations) {
      if (!isIdentifier(name) || type) addBindings(name, kind);
      else add(name, kind, true, typeBy(initializer));
    }
  };
  /** `var` is hoisted to the cell. */
  const addHoisted = (node: Node): void => {
    if (isFunctionLikeDeclaration(node) || isClassDeclaration(node) || isModuleDeclaration(node)) {
      return;
    }
    if (isVariableDeclarationList(node)) addList(node, true);
    node.forEachChild(addHoisted);
  };
  for (const statement of file.statements) {
    if (statement.end <= offset) continue;
    if (isVariableStatement(statement)) addList(statement.declarationList, false);
    else if (isFunctionDeclaration(statement)) add(statement.name, "function");
    else if (isClassDeclaration(statement)) add(statement.name, "class");
    else if (isEnumDeclaration(statement)) add(statement.name, "enum");
    else if (isInterfaceDeclaration(statement)) add(statement.name, "type", false);
    else if (isTypeAliasDeclaration(statement)) add(statement.name, "type", false);
    else if (isImportEqualsDeclaration(statement)) {
      add(statement.name, "import", !statement.isTypeOnly);
    } else if (isModuleDeclaration(statement)) {
      if (isIdentifier(statement.name) && statement.name.text === "global") augmentsGlobal = true;
      else add(statement.name, "namespace");
    } else if (isImportDeclaration(statement)) {
      addImports(statement, add);
    } else addHoisted(statement);
  }
  return { names, augmentsGlobal };
}

/** What the initializer of a variable without a type says of its type. */
function typeBy(initializer: Node | undefined): Pick<DeclaredName, "evolves" | "isLiteral"> {
  if (!initializer) return { evolves: "any" };
  if (isArrayLiteralExpression(initializer)) {
    return initializer.elements.length === 0 ? { evolves: "array" } : { isLiteral: true };
  }
  return isLiteralExpression(initializer) ||
    isObjectLiteralExpression(initializer) ||
    isArrowFunction(initializer)
    ? { isLiteral: true }
    : {};
}

function addImports(
  statement: Node,
  add: (node: Node | undefined, kind: DeclarationKind, isValue?: boolean) => void,
): void {
  if (!isImportDeclaration(statement) || !statement.importClause) return;
  const { importClause } = statement;
  const isValue = importClause.phaseModifier !== SyntaxKind.TypeKeyword;
  add(importClause.name, "import", isValue);
  const bindings = importClause.namedBindings;
  if (!bindings) return;
  if (!isNamedImports(bindings)) add(bindings.name, "import", isValue);
  else {
    for (const element of bindings.elements) {
      add(element.name, "import", isValue && !element.isTypeOnly);
    }
  }
}
