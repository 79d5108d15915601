import { join } from "node:path";
import type { Diagnostic } from "typescript/unstable/sync";
import { editDistance } from "../../core/near-names.ts";
import { SLOT_PREFIX, type VisibleName } from "./cell-identifiers.ts";
import { type ComposedCell, SLOT_FILE } from "./cell-scope.ts";
import { moduleNames } from "./module-names.ts";

/** An error that the checker found in a cell. */
export interface CellDiagnostic {
  /** Code of TypeScript: 2322 is TS2322. */
  readonly code: number;
  /** Further lines are indented under the first. */
  readonly message: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 code units. */
  readonly column: number;
  /** Offset in the cell, in UTF-16 code units. */
  readonly start: number;
  readonly length: number;
  /** Remedy, where there is one beyond the message. */
  readonly suggestion?: string;
}

/** JavaScript and JSX without declarations are `any` in a notebook, not an error. */
const UNTYPED: ReadonlySet<number> = new Set([7016, 7026]);
const ASSIGNED_IMPORT = 2632;
const MISSING_MODULES: ReadonlySet<number> = new Set([2307, 2792, 2882]);
const MISSING_NAMES: ReadonlySet<number> = new Set([2304, 2552, 2503, 2663]);

/** A type used as a value, which the import table causes. */
const EXPORTED_TYPE = 1362;
const IMPORTED_TYPE = 1361;

/** TypeScript's error for an assignment to a name of that kind in one file. */
const FIXED: Partial<Record<VisibleName["kind"], readonly [number, string]>> = {
  const: [2588, "a constant"],
  function: [2630, "a function"],
  class: [2629, "a class"],
  enum: [2628, "an enum"],
  namespace: [2631, "a namespace"],
};

export const isUntyped = ({ code }: Diagnostic): boolean => UNTYPED.has(code);
export const isMissingModule = ({ code }: Diagnostic): boolean => MISSING_MODULES.has(code);
export const isMissingName = ({ code }: Diagnostic): boolean => MISSING_NAMES.has(code);

export interface DiagnosticContext {
  /** Names of earlier cells. */
  readonly visible: ReadonlyMap<string, VisibleName>;
  /** Folder that mirrors the root of the disk. */
  readonly root: string;
  /** The notebook's folder. */
  readonly folder: string;
}

/** Errors of a cell, without positions and names of the checker's own files. */
export function describeDiagnostics(
  diagnostics: readonly Diagnostic[],
  cell: ComposedCell,
  context: DiagnosticContext,
): CellDiagnostic[] {
  const described: CellDiagnostic[] = [];
  for (const diagnostic of diagnostics) {
    // Not for the hidden first line.
    if (diagnostic.pos < cell.offset || isUntyped(diagnostic)) continue;
    const start = Math.min(diagnostic.pos - cell.offset, cell.code.length);
    const length = Math.max(0, Math.min(diagnostic.end - cell.offset, cell.code.length) - start);
    const before = cell.code.slice(0, start).split("\n");
    const text = cell.code.slice(start, start + length);
    const suggestion = suggestionFor(diagnostic, text, context.folder);
    described.push({
      ...worded(diagnostic, text, context),
      line: before.length,
      column: (before.at(-1)?.length ?? 0) + 1,
      start,
      length,
      ...(suggestion && { suggestion }),
    });
  }
  return described;
}

/** Code and message as if all cells were one file. */
function worded(
  diagnostic: Diagnostic,
  text: string,
  { visible, root }: DiagnosticContext,
): Pick<CellDiagnostic, "code" | "message"> {
  const { code } = diagnostic;
  const message = cleanText(messageOf(diagnostic), root);
  if (code === EXPORTED_TYPE) {
    const imported = message.replace(
      "exported using 'export type'",
      "imported using 'import type'",
    );
    return { code: IMPORTED_TYPE, message: imported };
  }
  const fixed = code === ASSIGNED_IMPORT && FIXED[visible.get(text)?.kind ?? "import"];
  if (!fixed) return { code, message };
  return { code: fixed[0], message: `Cannot assign to '${text}' because it is ${fixed[1]}.` };
}

/** A message with its chain of explanations, indented. */
export function messageOf({ text, messageChain = [] }: Diagnostic): string {
  const chain = messageChain.map((next) => messageOf(next).replace(/^/gm, "  "));
  return [text, ...chain].join("\n");
}

/** Removes paths of the checker's files. */
export function cleanText(text: string, root: string): string {
  const slot = new RegExp(`(?:typeof )?import\\("[^"]*${SLOT_FILE.source}[^"]*"\\)\\.?`, "g");
  return text
    .replace(slot, "")
    .replace(new RegExp(`${SLOT_PREFIX}\\w+\\.`, "g"), "")
    .replaceAll(root, "");
}

/** The package that a specifier names: `@azure/identity` of `@azure/identity/x`. */
function packageOf(specifier: string): string {
  const [first = "", second] = specifier.split("/");
  return first.startsWith("@") && second ? `${first}/${second}` : first;
}

/** TypeScript's error for names that the DOM's declarations have. */
const MISSING_LIBRARY = 2584;

function suggestionFor({ code }: Diagnostic, text: string, folder: string): string | undefined {
  if (code === MISSING_LIBRARY) {
    return `Cells run in Node, which has no ${text}; a tsconfig.json beside the notebook with "lib": ["DOM"] declares it all the same.`;
  }
  if (!MISSING_MODULES.has(code)) return undefined;
  const specifier = text.replace(/^['"]|['"]$/g, "");
  if (/^(?:[/#]|node:)/.test(specifier)) return undefined;
  if (!specifier.startsWith(".")) {
    return `Install it in the notebook's folder: npm install ${packageOf(specifier)}`;
  }
  const above = specifier.slice(0, specifier.lastIndexOf("/") + 1);
  const files = moduleNames(folder, above).filter((name) => !name.endsWith("/"));
  const meant = files.find((name) => editDistance(stem(name), stem(specifier)) <= 2);
  return `There is no such file in ${join(folder, above)}.${meant ? ` Did you mean "${meant}"?` : ""}`;
}

function stem(path: string): string {
  return path.replace(/\.\w+$/, "").toLowerCase();
}
