export interface ImportedName {
  /** Name in the module; `*` is the module itself. */
  readonly imported: string;
  /** Name in the cell. */
  readonly local: string;
  readonly isTypeOnly: boolean;
}

/** `import area, { type Shape as S } from "./area.ts";` */
export interface ImportStatement {
  readonly specifier: string;
  readonly names: readonly ImportedName[];
  /** Offsets in the code. */
  readonly start: number;
  readonly end: number;
}

const NAME = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$]*`;
/** Comments and strings are matched first, to skip imports in them. */
const STATEMENTS = new RegExp(
  [
    String.raw`\/\*[\s\S]*?\*\/|\/\/[^\n]*`,
    "`(?:\\\\[\\s\\S]|[^`\\\\])*`",
    String.raw`"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'`,
    String.raw`(?<=^|[;\n])[ \t]*import\s+(?<type>type\s+(?!from\b|,))?(?:(?<fixed>${NAME})\s*,?\s*)?(?:\*\s*as\s+(?<all>${NAME})\s*|\{(?<list>[^{}]*)\}\s*)?from\s*(?<quoted>"[^"\n]+"|'[^'\n]+')[ \t]*(?:;|(?=\n|$|\r))`,
  ].join("|"),
  "gu",
);
const ELEMENT = new RegExp(`^(type\\s+)?(${NAME})(?:\\s+as\\s+(${NAME}))?$`, "u");

/**
 * The plain import statements of a cell. Others, such as those with attributes or for their side
 * effects, are not among them, nor is anything in a comment.
 */
export function importStatements(code: string): ImportStatement[] {
  if (!/\bimport\b/.test(code)) return [];
  const statements: ImportStatement[] = [];
  for (const { 0: text, index, groups } of code.matchAll(STATEMENTS)) {
    if (!groups?.quoted) continue;
    const { type, fixed, all, list, quoted } = groups;
    const isTypeOnly = type !== undefined;
    const names: ImportedName[] = [];
    if (fixed) names.push({ imported: "default", local: fixed, isTypeOnly });
    if (all) names.push({ imported: "*", local: all, isTypeOnly });
    const elements = (list ?? "").replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, "").split(",");
    const parsed = elements.map((element) => element.trim()).filter((element) => element !== "");
    const matches = parsed.map((element) => ELEMENT.exec(element));
    if (matches.some((match) => !match) || (names.length === 0 && list === undefined)) continue;
    for (const match of matches) {
      const [, onlyType, imported = "", local = imported] = match ?? [];
      names.push({ imported, local, isTypeOnly: isTypeOnly || onlyType !== undefined });
    }
    const specifier = quoted.slice(1, -1);
    statements.push({ specifier, names, start: index, end: index + text.length });
  }
  return statements;
}

/** The code with spaces in place of statements, which keeps all positions. */
export function withoutStatements(code: string, statements: readonly ImportStatement[]): string {
  let rest = code;
  for (const { start, end } of statements) {
    const blank = rest.slice(start, end).replace(/[^\n\r]/g, " ");
    rest = rest.slice(0, start) + blank + rest.slice(end);
  }
  return rest;
}
