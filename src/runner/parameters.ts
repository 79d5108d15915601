import type { VariableDeclarator } from "acorn";
import { NotelakeError } from "../core/errors.ts";
import { nearNames } from "../core/near-names.ts";
import { type KnownSecret, REDACTED } from "../core/redact.ts";
import { importStatements, withoutStatements } from "../kernel/check/import-statements.ts";
import { toJavaScript } from "../kernel/run/javascript.ts";
import { parseModule } from "../kernel/run/syntax.ts";
import { isSecretName } from "./environment-secrets.ts";
import { cellSource, type Notebook } from "./notebook.ts";
import { withoutWarnings } from "./without-warnings.ts";

/** A notebook cannot be run with the parameters that were given. */
export class ParameterError extends NotelakeError {
  override readonly name = "ParameterError";
}

/** The cell with this tag declares the parameters, with their types and their defaults. */
const TAG = "parameters";

/** What a parameter may be, as expressions of TypeScript: the first that its type allows is taken. */
export type ParameterValues = Readonly<Record<string, readonly string[]>>;

/** Values of a program, as they are. */
export function parameterValues(values: Readonly<Record<string, unknown>>): ParameterValues {
  const entries = Object.entries(values).map(([name, value]) => [name, [literal(value, name)]]);
  return Object.fromEntries(entries);
}

/**
 * `days=30` of a command line is a number where the parameter's type allows one, else a text or a
 * moment; a text stands for itself, without quotes.
 */
export function parameterTexts(texts: Readonly<Record<string, string>>): ParameterValues {
  const entries = Object.entries(texts).map(([name, text]) => {
    const candidates = [JSON.stringify(text)];
    if (isLiteral(text)) candidates.unshift(text);
    if (/^-?\d+$/.test(text)) candidates.push(`${text}n`);
    if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(Date.parse(text))) {
      candidates.push(`new Date(${JSON.stringify(text)})`);
    }
    return [name, candidates];
  });
  return Object.fromEntries(entries);
}

/** Whether a text is JSON, and no text in quotes. */
function isLiteral(text: string): boolean {
  if (text === "undefined") return true;
  try {
    return typeof JSON.parse(text) !== "string";
  } catch {
    return false;
  }
}

function literal(value: unknown, name: string): string {
  if (value === undefined) return "undefined";
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number" && !Number.isFinite(value)) return `${value}`;
  if (value instanceof Date) return `new Date(${JSON.stringify(value.toISOString())})`;
  if (Array.isArray(value)) return `[${value.map((each) => literal(each, name)).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).map(
      ([key, member]) => `${JSON.stringify(key)}: ${literal(member, name)}`,
    );
    return `{ ${members.join(", ")} }`;
  }
  const text = JSON.stringify(value);
  if (text !== undefined) return text;
  throw new ParameterError("PARAMETER", `the parameter ${name} cannot be a ${typeof value}`);
}

/** The cell of the parameters, with the values put in. */
export interface ParametersCell {
  readonly index: number;
  /** What is run: every declaration keeps its type. */
  readonly code: string;
  /** What is shown and stored: without the values of parameters whose names say that they are secret. */
  readonly source: string;
  /** These values. */
  readonly secrets: readonly KnownSecret[];
}

/** Type-checks code without running it; answers what is wrong, or undefined. */
export type TypeCheck = (code: string) => Promise<string | undefined>;

interface Tools {
  readonly check: TypeCheck;
  /** Takes known secrets out of a text. */
  readonly clean: (text: string) => string;
}

/** The names of a notebook's parameters. */
export function parameterNames(notebook: Notebook): string[] {
  const index = parametersIndex(notebook);
  const cell = notebook.cells[index];
  return cell ? [...declarations(cellSource(cell)).keys()] : [];
}

/**
 * Puts values into the cell that is tagged `parameters`: they take the place of the defaults there, and
 * have to be of their types.
 *
 * @throws ParameterError `PARAMETER`: no such cell, no such parameter, or another type
 */
export async function applyParameters(
  file: string,
  notebook: Notebook,
  values: ParameterValues,
  { check, clean }: Tools,
): Promise<ParametersCell> {
  const index = parametersIndex(notebook);
  const cell = notebook.cells[index];
  if (!cell) {
    throw new ParameterError("PARAMETER", `no cell of ${file} is tagged ${TAG}`, {
      hint: `Give the tag to the cell that declares them with their defaults: let days = 7;`,
    });
  }
  const source = cellSource(cell);
  const declared = declarations(source);
  const where = `${file}, cell ${index + 1}`;
  const isSound = (await check(asUncalled(source))) === undefined;
  const taken = new Map<Declaration, string>();
  const hidden = new Set<Declaration>();
  const secrets: KnownSecret[] = [];
  for (const [name, candidates] of Object.entries(values)) {
    const declaration = declared.get(name);
    if (!declaration) throw unknownParameter(where, name, [...declared.keys()]);
    // A cell that is wrong by itself says so when it runs.
    const chosen = isSound
      ? await choose(source, declaration, { where, name, candidates, check, clean })
      : (candidates[0] ?? "undefined");
    taken.set(declaration, chosen);
    if (isSecretName(name)) {
      hidden.add(declaration);
      secrets.push(...secretsIn(name, chosen));
    }
  }
  const replaced = (text: (declaration: Declaration, value: string) => string) =>
    [...taken]
      .sort(([a], [b]) => b.start - a.start)
      .reduce(
        (code, [each, value]) =>
          code.slice(0, each.start) + text(each, value) + code.slice(each.end),
        source,
      );
  const shown = (declaration: Declaration, value: string) =>
    hidden.has(declaration) ? JSON.stringify(REDACTED) : value;
  return { index, code: replaced(withType), source: replaced(shown), secrets };
}

/** A short value counts in its quotes alone, where it is told from ordinary text. */
function secretsIn(name: string, expression: string): KnownSecret[] {
  const texts = expression.match(/"(?:[^"\\]|\\.)*"/g) ?? [];
  return texts.map((text) => {
    const value: string = JSON.parse(text);
    return { kind: `value of the parameter ${name}`, value: value.length < 8 ? text : value };
  });
}

/** A default of a parameter, and where it stands in the cell. */
interface Declaration {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** `let days: number = 7`. */
  readonly isAnnotated: boolean;
  /** The whole declaration, for messages. */
  readonly shown: string;
}

function parametersIndex({ cells }: Notebook): number {
  return cells.findIndex(
    ({ cell_type: type, metadata }) => type === "code" && metadata.tags?.includes(TAG),
  );
}

function declarations(source: string): Map<string, Declaration> {
  const matches = new Map<string, Declaration>();
  // Types are taken out in place, so that what is left stands where it stood.
  const { code, generated } = withoutWarnings(() => toJavaScript(source, { keepImports: true }));
  if (generated) {
    throw new ParameterError("PARAMETER", `the cell tagged ${TAG} has more than plain TypeScript`, {
      hint: "Move enums, decorators and JSX to a cell of their own.",
    });
  }
  for (const statement of parseModule(code).body) {
    if (statement.type !== "VariableDeclaration") continue;
    for (const declarator of statement.declarations) {
      const place = placeOf(source, code, declarator);
      if (!place || declarator.id.type !== "Identifier") continue;
      const shown = source.slice(statement.start, statement.end).trimEnd();
      matches.set(declarator.id.name, { ...place, shown });
    }
  }
  return matches;
}

function placeOf(
  source: string,
  code: string,
  { id, init }: VariableDeclarator,
): Omit<Declaration, "shown"> | undefined {
  if (!init) return undefined;
  // `as "fast" | "slow"` behind it belongs to it: it was taken out, up to the end of the line.
  const blank = /^[^\S\n]*/.exec(code.slice(init.end))?.[0].length ?? 0;
  const text = source.slice(init.start, init.end + blank).trimEnd();
  const isAnnotated = source.slice(id.end, init.start).includes(":");
  return { start: init.start, end: init.start + text.length, text, isAnnotated };
}

/** The value in place of the default, and the type of the default where none is written. */
function withType({ isAnnotated, text }: Declaration, value: string): string {
  if (isAnnotated || /\bawait\b/.test(text)) return value;
  return `(<T,>(_: () => T, value: NoInfer<T>): T => value)(() => (${text}), ${value})`;
}

async function choose(
  source: string,
  declaration: Declaration,
  asked: Tools & { where: string; name: string; candidates: readonly string[] },
): Promise<string> {
  const { where, name, candidates, check, clean } = asked;
  let why: string | undefined;
  for (const value of candidates) {
    const code =
      source.slice(0, declaration.start) +
      withType(declaration, value) +
      source.slice(declaration.end);
    const wrong = await check(asUncalled(code));
    if (wrong === undefined) return value;
    why ??= wrong;
  }
  const [first = ""] = (why ?? "").split("\n");
  const reason = first
    .replace("Argument of type", "Type")
    .replace("to parameter of type", "to type");
  const wrong = isSecretName(name)
    ? `${REDACTED}, a value of another type`
    : clean(`${candidates[0]}: ${reason}`);
  throw new ParameterError("PARAMETER", `${where}: the parameter ${name} cannot be ${wrong}`, {
    hint: `It is declared as: ${declaration.shown}`,
  });
}

/** @param where what has no such parameter, such as a cell */
export function unknownParameter(
  where: string,
  name: string,
  names: readonly string[],
): ParameterError {
  const [near] = nearNames(names, name);
  const declared = `The parameters there: ${names.join(", ") || "none"}.`;
  const hint = near ? `Did you mean ${near}? ${declared}` : declared;
  return new ParameterError("PARAMETER", `there is no parameter ${name} in ${where}`, { hint });
}

/** The code inside of a function that nobody calls: it is checked, and does nothing. */
function asUncalled(code: string): string {
  const statements = importStatements(code);
  const imports = statements.map(({ start, end }) => code.slice(start, end)).join("\n");
  return `${imports}\nvoid (async (): Promise<void> => {\n${withoutStatements(code, statements)}\n});`;
}
