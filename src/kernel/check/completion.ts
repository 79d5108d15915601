import {
  type CompletionEntry,
  CompletionItemKind,
  type Project,
  SymbolFlags,
} from "typescript/unstable/sync";
import { SLOT_PREFIX, type VisibleName } from "./cell-identifiers.ts";
import type { CellReader, ReadOptions } from "./cell-reader.ts";
import { type CellCompletion, completionReply } from "./completion-reply.ts";
import { importStatements } from "./import-statements.ts";
import { moduleNames } from "./module-names.ts";
import type { NativeCompiler } from "./native-compiler.ts";
import { utf16Offset } from "./positions.ts";

/** Only lists of up to this many entries get signatures. */
const MOST_SIGNATURES = 40;

const IN_SPECIFIER = /(?:\bfrom|\bimport|\b(?:import|require)\s*\()\s*(["'])([^"'\n]*)$/;
const KINDS: Partial<Record<CompletionItemKind, string>> = {
  [CompletionItemKind.Method]: "function",
  [CompletionItemKind.Function]: "function",
  [CompletionItemKind.Constructor]: "function",
  [CompletionItemKind.Field]: "property",
  [CompletionItemKind.Property]: "property",
  [CompletionItemKind.EnumMember]: "property",
  [CompletionItemKind.Variable]: "instance",
  [CompletionItemKind.Constant]: "instance",
  [CompletionItemKind.Value]: "value",
  [CompletionItemKind.Class]: "class",
  [CompletionItemKind.Interface]: "class",
  [CompletionItemKind.Enum]: "class",
  [CompletionItemKind.Struct]: "class",
  [CompletionItemKind.TypeParameter]: "class",
  [CompletionItemKind.Module]: "module",
  [CompletionItemKind.Keyword]: "keyword",
};

export interface CompletionContext {
  readonly folder: string;
  readonly reader: CellReader;
  readonly compiler: NativeCompiler;
  /** Names of earlier cells. */
  readonly visible: ReadonlyMap<string, VisibleName>;
}

/** @param position in code points, as Jupyter counts */
export function completeCell(
  context: CompletionContext,
  code: string,
  position: number,
): CellCompletion {
  const offset = utf16Offset(code, position);
  const before = code.slice(0, offset);
  const specifier = IN_SPECIFIER.exec(before)?.[2];
  if (specifier !== undefined) {
    const names = moduleNames(context.folder, specifier);
    const candidates = names.map((text) => ({ text, kind: "module" }));
    return completionReply(code, offset - specifier.length, offset, candidates);
  }
  const { reader, compiler, visible } = context;
  // Exports of a module are completed in its import statement, other names in a scratch file.
  const inImport = importStatements(code).some(({ start, end }) => start < offset && offset < end);
  const options: ReadOptions = inImport ? { imports: [] } : { scratch: true, everything: true };
  const { cell } = reader.read(code, options);
  const match = compiler.askForHelp((project) => {
    const entries = withoutInsides(entriesAt(project, cell.path, cell.offset + offset), before);
    const inText = entries.length > 0 && entries.every(isTextValue);
    const pattern = inText ? /[^"'`]*$/ : /[\p{ID_Continue}$]*$/u;
    const typed = pattern.exec(before)?.[0] ?? "";
    // For a value that may be undefined the dot becomes `?.`.
    const optional = entries.some(({ insertText }) => insertText?.startsWith("?."));
    const chosen = entries.filter((entry) => startsAs(entry, typed)).sort(byUse);
    const signatures = signaturesOf(project, chosen);
    const isAccess = /[.?[]\s*$/.test(before.slice(0, offset - typed.length));
    const candidates = chosen.map((entry, i) => ({
      text: optional ? (entry.insertText ?? `.${entry.name}`) : (entry.insertText ?? entry.name),
      kind: kindOf(entry, isAccess ? undefined : visible.get(entry.name)),
      ...(signatures[i] && { signature: signatures[i] }),
    }));
    return completionReply(code, offset - typed.length - (optional ? 1 : 0), offset, candidates);
  });
  return match ?? completionReply(code, offset, offset, []);
}

function entriesAt({ checker }: Project, path: string, offset: number) {
  const match = checker.getCompletionsAtPosition(path, offset, { includeSymbol: true });
  return (match?.entries ?? []).filter(
    ({ name, insertText }) => !name.startsWith(SLOT_PREFIX) && !insertText?.startsWith("["),
  );
}

/** Members of a Danfo frame that always throw in Node, or that notelake replaces. */
const INSIDES =
  /^(\$.*|plot|print|config|ctypes|tensor|(cum|bool)Ops|load(Array|Object)IntoNdframe)$/;

/** A dataframe's members without these, unless a `$` is typed. */
function withoutInsides(entries: CompletionEntry[], before: string): CompletionEntry[] {
  const isFrame = entries.some(({ name }) => name === "$isSeries");
  if (!isFrame || /\$[\p{ID_Continue}$]*$/u.test(before)) return entries;
  return entries.filter(({ name }) => !INSIDES.test(name));
}

/** TypeScript reports names of earlier cells as variables. */
function kindOf({ kind }: CompletionEntry, declared: VisibleName | undefined): string {
  if (declared?.kind === "function") return "function";
  if (declared?.kind === "namespace") return "module";
  if (declared && /^(?:class|enum|type)$/.test(declared.kind)) return "class";
  return (kind && KINDS[kind]) ?? "statement";
}

/** Members of a union of string literals have no quotes inside of quotes. */
function isTextValue({ kind, name }: CompletionEntry): boolean {
  return kind === CompletionItemKind.Constant && !/^["'`\d]/.test(name);
}

function startsAs({ name, filterText }: CompletionEntry, typed: string): boolean {
  const label = (filterText ?? name).replace(/^\.|\?$/g, "");
  return label.toLowerCase().startsWith(typed.toLowerCase());
}

/** Locals first, private and deprecated names last. */
function byUse(a: CompletionEntry, b: CompletionEntry): number {
  return (
    compare(rank(a), rank(b)) ||
    compare(a.name.toLowerCase(), b.name.toLowerCase()) ||
    compare(b.name, a.name)
  );
}

function rank({ name, sortText = "" }: CompletionEntry): string {
  return `${/^[_$]/.test(name) ? "y" : ""}${sortText}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Types of the candidates; empty when there are too many, or none is known. */
function signaturesOf({ checker }: Project, entries: readonly CompletionEntry[]): string[] {
  if (entries.length > MOST_SIGNATURES) return [];
  return entries.map(({ symbol }) => {
    if (!symbol || !(symbol.flags & (SymbolFlags.Value | SymbolFlags.Alias))) return "";
    const type = checker.getTypeOfSymbol(symbol);
    return type && !type.isErrorType() ? checker.typeToString(type) : "";
  });
}
