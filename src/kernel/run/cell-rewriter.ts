import type {
  AnonymousClassDeclaration,
  ClassDeclaration,
  ExportDefaultDeclaration,
  Program,
  VariableDeclaration,
} from "acorn";
import type { CellNames } from "./cell-names.ts";
import { isBareVariable, isFunction, isVariableScope, type Node, walk } from "./syntax.ts";
import { blanks, TextEdits } from "./text-edits.ts";

/** Key on `globalThis` of the kernel's functions for cells' code. */
export const HOOKS = Symbol.for("notelake.cell");
/** `HOOKS` as an expression in cells' code. */
export const HOOKS_CODE = 'globalThis[Symbol.for("notelake.cell")]';

/** Edits that turn a parsed cell into a script for V8's REPL mode. */
export class CellRewriter {
  /** The cell without its functions. */
  readonly main: TextEdits;
  /** Its functions, as `let name=function …;`. */
  readonly functions: TextEdits;
  readonly #code: string;
  readonly #names: CellNames;
  /** Statements removed entirely. */
  readonly #blanked = new Set<Node>();

  constructor(code: string, program: Program, names: CellNames) {
    this.#code = code;
    this.#names = names;
    this.main = new TextEdits(code);
    this.functions = new TextEdits(code);
    this.#separateFunctions();
    for (const statement of program.body) this.#rewriteStatement(statement);
    walk(program, (node) => this.#rewriteModuleSyntax(node));
    walk(program, (node, parent, key) => {
      if (node.type === "VariableDeclaration" && node.kind === "var") {
        this.#assignByVar(node, parent, key);
      }
      return !isVariableScope(node);
    });
    // Top-level `this` is undefined in a module, but the global object in a script.
    walk(program, (node) => {
      if (node.type === "ThisExpression") this.#replace(node.start, node.end, "(void 0)");
      return !isFunction(node) && node.type !== "ClassBody";
    });
  }

  /** Renames all identifiers of these names in any scope, so that references stay valid. */
  rename(program: Program, names: ReadonlyMap<string, string>): void {
    if (names.size === 0) return;
    const short = new Set<Node>();
    walk(program, (node, parent, key) => {
      if (this.#blanked.has(node)) return false;
      if (/^(Import|Export)(All|Named|\w*Spec)|^MetaProperty$/.test(node.type)) {
        return node.type === "ExportNamedDeclaration" && node.declaration !== null;
      }
      if (node.type === "Property" && node.shorthand) {
        short.add(node.value.type === "AssignmentPattern" ? node.value.left : node.value);
      }
      if (node.type !== "Identifier") return true;
      const name = names.get(node.name);
      const own = this.#names.functions.some(({ id }) => id.start === node.start);
      if (name === undefined || own || !isReference(parent, key)) return true;
      this.#replace(node.start, node.end, short.has(node) ? `${node.name}: ${name}` : name);
      return true;
    });
  }

  #replace(start: number, end: number, text: string): void {
    const inFunction = this.#names.functions.some((each) => each.start <= start && end <= each.end);
    (inFunction ? this.functions : this.main).replace(start, end, text);
  }

  #separateFunctions(): void {
    const { functions, renamed } = this.#names;
    let at = 0;
    for (const { start, end, id } of functions.toSorted((a, b) => a.start - b.start)) {
      this.functions.replace(at, start, blanks(this.#code.slice(at, start)));
      const renamedTo = renamed.get(id.name);
      // Keeps the function's `name`.
      const [before, after] = renamedTo ? [`({${id.name}:`, `}).${id.name};`] : ["", ";"];
      this.functions.insert(start, `let ${renamedTo ?? id.name}=${before}`);
      this.functions.replace(id.start, id.end, blanks(id.name));
      this.functions.insert(end, after);
      this.main.blankStatement(start, end);
      at = end;
    }
    this.functions.replace(at, this.#code.length, "");
  }

  #rewriteStatement(statement: Program["body"][number]): void {
    switch (statement.type) {
      case "ImportDeclaration":
      case "ExportAllDeclaration":
        this.main.blankStatement(statement.start, statement.end);
        break;
      case "ExportNamedDeclaration": {
        const { start, declaration, end } = statement;
        this.main.blankStatement(start, declaration ? declaration.start : end);
        if (declaration?.type === "VariableDeclaration") this.#declareByLet(declaration);
        if (declaration?.type === "ClassDeclaration") this.#nameClass(declaration);
        break;
      }
      case "ExportDefaultDeclaration":
        this.#dropDefault(statement);
        break;
      case "VariableDeclaration":
        this.#declareByLet(statement);
        break;
      case "ClassDeclaration":
        this.#nameClass(statement);
    }
  }

  /** Keeps the `name` of a class that is declared under another name. */
  #nameClass({ id, body }: AnonymousClassDeclaration | ClassDeclaration): void {
    if (!id || !this.#names.renamed.has(id.name) || !this.#names.all.has(id.name)) return;
    const named = body.body.some(
      (member) => "key" in member && member.static && isName(member.key),
    );
    if (named) return;
    const code = `static{Reflect.defineProperty(this,"name",{value:"${id.name}",configurable:true})}`;
    this.main.insert(body.start + 1, code);
  }

  /** `export default 7;` becomes `(7);`. */
  #dropDefault({ start, end, declaration }: ExportDefaultDeclaration): void {
    this.main.blankStatement(start, declaration.start);
    if (declaration.type === "ClassDeclaration") this.#nameClass(declaration);
    if (/Declaration$/.test(declaration.type) && "id" in declaration && declaration.id) return;
    this.main.insert(declaration.start, "(");
    const ended = declaration.end < end && this.#code[end - 1] === ";";
    this.main.insert(declaration.end, ended ? ")" : ");");
  }

  #declareByLet({ kind, start, end, declarations }: VariableDeclaration): void {
    if (kind === "const") this.main.replace(start, start + "const".length, "let  ");
    if (kind !== "using" && kind !== "await using") return;
    this.main.replace(start, declarations[0]?.start ?? end, "let ");
    for (const { init } of declarations) {
      if (!init) continue;
      this.main.insert(init.start, `${HOOKS_CODE}.${kind === "using" ? "use" : "useAsync"}(`);
      this.main.insert(init.end, ")");
    }
  }

  #rewriteModuleSyntax(node: Node): boolean {
    if (node.type === "ImportExpression") {
      this.#replace(node.start, node.start + "import".length, `${HOOKS_CODE}.import`);
    } else if (node.type === "MetaProperty" && node.meta.name === "import") {
      this.#replace(node.start, node.end, `${HOOKS_CODE}.meta`);
    }
    return node.type !== "ImportDeclaration";
  }

  /** `var a = 1` becomes `a = 1`; the name is declared at the start of the script. */
  #assignByVar(node: VariableDeclaration, parent: Node | undefined, key: string): void {
    const { start, end, declarations } = node;
    if (/^For/.test(parent?.type ?? "") && key !== "body") {
      this.main.replace(start, start + 3, "   ");
      return;
    }
    if (isBareVariable(node)) {
      this.#blanked.add(node);
      this.main.blankStatement(start, end);
      return;
    }
    const inList = /^(Program|BlockStatement|SwitchCase|Export\w+)$/.test(parent?.type ?? "");
    const pattern = declarations[0]?.id.type !== "Identifier";
    this.main.replace(start, start + 3, `${inList ? ";" : " "}${pattern ? "(" : " "} `);
    const ended = this.#code[end - 1] === ";";
    this.main.insert(ended ? end - 1 : end, `${pattern ? ")" : ""}${ended ? "" : ";"}`);
  }
}

const isName = (key: Node): boolean => key.type === "Identifier" && key.name === "name";

/** Whether an identifier here refers to a variable, not to a property or a label. */
function isReference(parent: Node | undefined, key: string): boolean {
  switch (parent?.type) {
    case "MemberExpression":
      return key !== "property" || parent.computed;
    case "Property":
    case "MethodDefinition":
    case "PropertyDefinition":
      return key !== "key" || parent.computed;
    case "LabeledStatement":
    case "BreakStatement":
    case "ContinueStatement":
      return key !== "label";
    default:
      return true;
  }
}
