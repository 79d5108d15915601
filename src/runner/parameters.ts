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

/** The given parameters do not fit the notebook. */
export class ParameterError extends NotelakeError {
  override readonly name = "ParameterError";
}

/** Tag of the cell that declares the parameters with types and defaults; papermill has the same. */
const TAG = "parameters";

/**
 * Candidate values of each parameter as TypeScript expressions: the first one that its type allows
 * is used.
 */
export type ParameterValues = Readonly<Record<string, readonly string[]>>;

/** Parameters from JavaScript values. */
export function parameterValues(values: Readonly<Record<string, unknown>>): ParameterValues {
  const entries = Object.entries(values).map(([name, value]) => [name, [literal(value, name)]]);
  return Object.fromEntries(entries);
}

/**
 * Parameters from a command line's strings. `days=30` is a number where the parameter's type allows
 * one, else a string or an instant; a string needs no quotes.
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

/** Whether a text is JSON other than a string. */
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

/** The parameters cell with the values inserted. */
export interface ParametersCell {
  readonly index: number;
  /** The code to run: every declaration keeps its type. */
  readonly code: string;
  /** The source to show and store: without the values of parameters with secret names. */
  readonly source: string;
  /** The values left out of `source`. */
  readonly secrets: readonly KnownSecret[];
}

/** The cell that declares parameters, and the candidates for those that are given. */
export interface FoundParameters {
  readonly index: number;
  readonly source: string;
  /** `sales.ipynb, cell 2`. */
  readonly where: string;
  readonly given: readonly {
    readonly name: string;
    readonly declaration: Declaration;
    readonly candidates: readonly string[];
  }[];
}

interface Tools {
  /** Type-checks code without running it. Returns an error message, or undefined. */
  readonly check: (code: string) => Promise<string | undefined>;
  /** Redacts known secrets in a text. */
  readonly clean: (text: string) => string;
}

export function parameterNames(notebook: Notebook): string[] {
  const index = parametersIndex(notebook);
  const cell = notebook.cells[index];
  return cell ? [...declarations(cellSource(cell)).keys()] : [];
}

/**
 * Finds the cell tagged `parameters`, which must declare all of these.
 *
 * @throws ParameterError `PARAMETER`: no such cell, or no such parameter
 */
export function findParameters(
  file: string,
  notebook: Notebook,
  values: ParameterValues,
): FoundParameters {
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
  const given = Object.entries(values).map(([name, candidates]) => {
    const declaration = declared.get(name);
    if (!declaration) throw unknownParameter(where, name, [...declared.keys()]);
    return { name, declaration, candidates };
  });
  return { index, source, where, given };
}

/**
 * Replaces the defaults in the cell tagged `parameters` by values, which must have the declared
 * types.
 *
 * @throws ParameterError `PARAMETER`: another type
 */
export async function applyParameters(
  { index, source, where, given }: FoundParameters,
  { check, clean }: Tools,
): Promise<ParametersCell> {
  const isSound = (await check(asUncalled(source))) === undefined;
  const taken = new Map<Declaration, string>();
  const hidden = new Set<Declaration>();
  const secrets: KnownSecret[] = [];
  for (const { name, declaration, candidates } of given) {
    // A type error in the cell itself is reported when it runs.
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

/** A short value is redacted only within quotes, where it can be told from ordinary text. */
function secretsIn(name: string, expression: string): KnownSecret[] {
  const texts = expression.match(/"(?:[^"\\]|\\.)*"/g) ?? [];
  return texts.map((text) => {
    const value: string = JSON.parse(text);
    return { kind: `value of the parameter ${name}`, value: value.length < 8 ? text : value };
  });
}

/** A parameter's default and its position in the cell. */
interface Declaration {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** `let days: number = 7`. */
  readonly isAnnotated: boolean;
  /** The whole declaration, for error messages. */
  readonly shown: string;
}

function parametersIndex({ cells }: Notebook): number {
  return cells.findIndex(
    ({ cell_type: type, metadata }) => type === "code" && metadata.tags?.includes(TAG),
  );
}

function declarations(source: string): Map<string, Declaration> {
  const matches = new Map<string, Declaration>();
  // Type stripping keeps offsets.
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
  // The default includes a stripped `as "fast" | "slow"` after it, up to the end of the line.
  const blank = /^[^\S\n]*/.exec(code.slice(init.end))?.[0].length ?? 0;
  const text = source.slice(init.start, init.end + blank).trimEnd();
  const isAnnotated = source.slice(id.end, init.start).includes(":");
  return { start: init.start, end: init.start + text.length, text, isAnnotated };
}

/** The value, typed like the default where no type is declared. */
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

/** @param where what has no such parameter, such as `cell 2` */
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

/** The code in a function that is never called: it is type-checked and not run. */
function asUncalled(code: string): string {
  const statements = importStatements(code);
  const imports = statements.map(({ start, end }) => code.slice(start, end)).join("\n");
  return `${imports}\nvoid (async (): Promise<void> => {\n${withoutStatements(code, statements)}\n});`;
}
