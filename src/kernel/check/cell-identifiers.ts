import type { DeclarationKind, DeclaredName } from "./declared-names.ts";

/** `jsx` is read as TSX. */
export type SlotKind = "cell" | "jsx";

/** Begins the names that a cell's first line imports; never offered as a completion. */
export const SLOT_PREFIX = "__notelake_";

/** How a cell refers to a name of an earlier one. */
export interface VisibleName {
  readonly name: string;
  readonly kind: DeclarationKind;
  /** The slot that declares it, by its name in the index file. */
  readonly slot: string;
  /**
   * `alias` is an import alias. `let` can be assigned to. `const` is for unions, which an alias
   * does not narrow inside of functions. `any` can be assigned anything.
   */
  readonly form: "alias" | "let" | "const" | "any";
}

type ExportedName = Pick<DeclaredName, "name" | "evolves">;

/** What is written behind a cell to export its names. */
export function exportsOf(names: readonly ExportedName[]): string {
  return `\n${names.map(exportOf).join(" ")} export {};`;
}

/** A name with an evolving type is exported with its type at the end of the cell. */
function exportOf({ name, evolves }: ExportedName): string {
  if (evolves !== "array") return `export { ${name} };`;
  return `const ${SLOT_PREFIX}${name} = ${name}; export { ${SLOT_PREFIX}${name} as ${name} };`;
}

/** The statement that makes a name visible in a cell. */
export function bringIn({ name, slot, form }: VisibleName): string {
  if (form === "alias") return `import ${name} = ${slot}.${name};`;
  if (form === "any") return `declare let ${name}: any;`;
  return `declare ${form} ${name}: typeof ${slot}.${name};`;
}

/** All identifiers in a code, in comments and strings too. */
export function identifiers(code: string, more: readonly string[]): Set<string> {
  const words = code.match(/[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/gu) ?? [];
  return new Set([...words, ...more]);
}

/** An import of `@jsxImportSource`'s module, which makes the compiler resolve it. */
export function jsxRuntime(pragmas: string): string {
  const [, source] = /@jsxImportSource\s+([^\s*]+)/.exec(pragmas) ?? [];
  return source ? `import {} from ${JSON.stringify(`${source}/jsx-runtime`)};` : "";
}

/** Pragmas, which must be at the start of a file: `// @ts-nocheck`, and `@jsx h` of JSX. */
export function filePragmas(code: string, kind: SlotKind): string {
  const unchecked = /^(?:\s*\/\/[^\n]*\n)*\s*\/\/+\s*@ts-nocheck/.test(code)
    ? "// @ts-nocheck\n"
    : "";
  if (kind !== "jsx") return unchecked;
  const comments = code.match(/\/\*\*?\s*@jsx\w*\s[^*]*\*\//g) ?? [];
  return unchecked + comments.map((comment) => comment.replaceAll("\n", " ")).join("");
}
