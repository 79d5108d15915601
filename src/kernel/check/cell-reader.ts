import { type Diagnostic, type Project, type Type, TypeFlags } from "typescript/unstable/sync";
import type { VisibleName } from "./cell-identifiers.ts";
import type { CellScope, ComposedCell, ComposeOptions } from "./cell-scope.ts";
import { type Declarations, type DeclaredName, declaredNames } from "./declared-names.ts";
import { isMissingModule, isUntyped } from "./diagnostics.ts";
import { type ImportStatement, importStatements } from "./import-statements.ts";
import { ImportTable } from "./import-table.ts";
import type { NativeCompiler } from "./native-compiler.ts";

/** A parsed cell. */
export interface ReadCell extends Declarations {
  readonly cell: ComposedCell;
  readonly options: ComposeOptions;
  /** Empty when it can be parsed. */
  readonly syntax: readonly Diagnostic[];
  /** Whether the exports behind it may change what is found in it. */
  readonly isDisturbed: boolean;
}

export type ReadOptions = Pick<ComposeOptions, "everything" | "scratch" | "imports">;

/** By name. */
export type Forms = ReadonlyMap<string, VisibleName["form"]>;

/** Names after a declaring keyword: a first guess, before the compiler parses. */
const DECLARING =
  /\b(?:const|let|var|using|function\s*\*?|class|enum|interface|type|namespace|module)\s+([\p{ID_Start}$_][\p{ID_Continue}$]*)/gu;

/** What may be understood in another way when names are exported. */
const DISTURBED = /\bexport\b|\[\s*\]|\b(?:let|var)\s+[^\s=:]+\s*(?:[,;\n]|$)/;

/**
 * Finds out whether a cell is statements, an object literal or TSX, and adds it after the
 * declarations of earlier cells.
 */
export class CellReader {
  readonly #scope: CellScope;
  readonly #compiler: NativeCompiler;

  constructor(scope: CellScope, compiler: NativeCompiler) {
    this.#scope = scope;
    this.#compiler = compiler;
  }

  /** Whether the last cell made the compiler resolve all modules again. */
  lookedUp = false;

  /** @param options `imports: []` keeps import statements in place */
  read(code: string, options: ReadOptions = {}): ReadCell {
    this.lookedUp = false;
    const imports = options.imports ?? this.#tabulate(importStatements(code));
    return this.#read(code, { ...options, imports });
  }

  #read(code: string, options: ReadOptions): ReadCell {
    if (/^\s*\{/.test(code)) {
      const literal = this.#attempt(code, { ...options, kind: "cell", isExpression: true });
      if (literal.syntax.length === 0) return literal;
    }
    const plain = this.#attempt(code, { ...options, kind: "cell" });
    if (plain.syntax.length === 0 || !/<[\w.]*[\s\S]*(?:<\/|\/>)/.test(code)) return plain;
    const jsx = this.#attempt(code, { ...options, kind: "jsx" });
    const firstError = ({ syntax }: ReadCell) => syntax[0]?.pos ?? Number.POSITIVE_INFINITY;
    return firstError(jsx) > firstError(plain) ? jsx : plain;
  }

  /**
   * Adds a cell's imports to the table, unless a module or a name does not exist: then the
   * statements stay in the cell, where the compiler reports it.
   */
  #tabulate(statements: readonly ImportStatement[]): readonly ImportStatement[] {
    if (statements.length === 0) return [];
    const undo = this.#scope.imports.add(statements);
    if (!undo) return statements;
    this.#writeImports();
    const path = this.#scope.importsPath;
    const diagnostics = this.#compiler.ask(({ program }) => program.getSemanticDiagnostics(path));
    const lines = statements.map(({ specifier }) => ImportTable.line(specifier));
    const { text } = this.#scope.imports;
    const errors = diagnostics.filter((error) => {
      const line = text.slice(text.lastIndexOf("\n", error.pos) + 1).split("\n", 1)[0] ?? "";
      return !isUntyped(error) && lines.some((end) => line.endsWith(end));
    });
    if (errors.length === 0) return statements;
    undo();
    this.#writeImports();
    // It may have been installed or written since it was looked up.
    this.lookedUp = errors.some(isMissingModule);
    if (this.lookedUp) this.#compiler.everythingChanged();
    return [];
  }

  #writeImports(): void {
    this.#scope.writeImports();
    this.#compiler.changed(this.#scope.importsPath);
  }

  /** The same cell with other options. */
  readAgain(before: ReadCell, options: ReadOptions): ReadCell {
    return this.#attempt(before.cell.code, { ...before.options, ...options }, before.names);
  }

  /** How later cells will refer to the names of a cell. */
  formsOf({ cell, names }: ReadCell): Forms {
    if (this.#scope.contents.get(cell.path) !== cell.text) {
      this.#scope.contents.set(cell.path, cell.text);
      this.#compiler.changed(cell.path);
    }
    return this.#compiler.ask((project) => chooseForms(project, cell, [...names.values()]));
  }

  /** Makes a cell's declarations visible to later ones. */
  declare(read: ReadCell, forms = this.formsOf(read), reached?: ReadonlySet<string>): void {
    const { cell, names, augmentsGlobal } = read;
    const declared = [...names.values()].filter(
      ({ name, isValue }) => !reached || !isValue || reached.has(name),
    );
    const named = declared.map((name) => ({ ...name, form: forms.get(name.name) ?? "alias" }));
    for (const path of this.#scope.declare(cell, named, augmentsGlobal)) {
      this.#compiler.changed(path);
    }
    // Builds the program now, rather than at the next cell.
    this.#compiler.ask(() => {});
  }

  #attempt(
    code: string,
    options: Omit<ComposeOptions, "declares">,
    known?: ReadonlyMap<string, DeclaredName>,
  ): ReadCell {
    const guess = known
      ? new Set(known.keys())
      : new Set([...code.matchAll(DECLARING)].map((match) => match[1] ?? ""));
    for (const { names } of options.imports ?? []) {
      for (const { local } of names) guess.add(local);
    }
    const { isExpression = false, scratch = false } = options;
    const exports = isExpression || scratch || DISTURBED.test(code) ? [] : [...guess];
    const first = this.#parse(code, { ...options, declares: guess, exports });
    const actual = new Set(first.names.keys());
    for (const { names } of options.imports ?? []) {
      for (const { local } of names) actual.add(local);
    }
    const wrong = [...this.#scope.visible.keys()].some(
      (name) => guess.has(name) !== actual.has(name),
    );
    const read =
      wrong || first.isDisturbed ? this.#parse(code, { ...options, declares: actual }) : first;
    return (
      withImports(read, options.imports ?? []) ?? this.#attempt(code, { ...options, imports: [] })
    );
  }

  #parse(code: string, options: ComposeOptions): ReadCell {
    const cell = this.#scope.compose(code, options);
    this.#compiler.changed(cell.path);
    return this.#compiler.ask(({ program }) => {
      const file = program.getSourceFile(cell.path);
      if (!file) throw new Error(`the compiler does not know ${cell.path}`);
      const syntax = program.getSyntacticDiagnostics(cell.path);
      const declarations = declaredNames(file, cell.offset);
      const { exports = [] } = options;
      const isDisturbed =
        exports.length > 0 &&
        (syntax.length > 0 ||
          [...declarations.names.values()].some(({ evolves }) => evolves) ||
          // An `if (ready)` that ends the cell takes the first as its statement.
          file.statements.at(-exports.length - 1)?.getStart(file) !== cell.end + "\n".length);
      return { cell, options, syntax, isDisturbed, ...declarations };
    });
  }
}

/** Adds imported names to the declared ones; undefined when a name is declared twice. */
function withImports(read: ReadCell, imports: readonly ImportStatement[]): ReadCell | undefined {
  if (imports.length === 0) return read;
  const names = new Map(read.names);
  for (const { local, isTypeOnly } of imports.flatMap((statement) => statement.names)) {
    if (names.has(local)) return undefined;
    const name = { name: local, kind: "import" as const, position: 0 };
    names.set(local, { ...name, isValue: !isTypeOnly, isType: true });
  }
  return { ...read, names };
}

/**
 * Chooses how later cells refer to each name: a variable must stay assignable, and a constant of a
 * union type narrowable inside of functions, which an import alias is not. Literals stay aliases,
 * since `let copy = literal` widens only then.
 */
function chooseForms(
  project: Project,
  { path }: ComposedCell,
  names: readonly DeclaredName[],
): Forms {
  const constants = names.filter(
    ({ kind, isType, evolves, isLiteral }) => kind === "const" && !isType && !evolves && !isLiteral,
  );
  const types = constants.length
    ? project.checker.getTypeAtPosition(
        path,
        constants.map(({ position }) => position),
      )
    : [];
  const unions = new Set(constants.filter((_, i) => isWideUnion(types[i])));
  const formOf = (name: DeclaredName) => {
    if (name.kind === "let" && !name.isType) return name.evolves === "any" ? "any" : "let";
    return unions.has(name) ? "const" : "alias";
  };
  return new Map(names.map((name) => [name.name, formOf(name)]));
}

function isWideUnion(type: Type | undefined): boolean {
  if (!type?.isUnionType() || type.flags & TypeFlags.Boolean) return false;
  return !type.getTypes().every((member) => member.isLiteralType());
}
