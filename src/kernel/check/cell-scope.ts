import { writeFileSync } from "node:fs";
import {
  bringIn,
  exportsOf,
  filePragmas,
  identifiers,
  jsxRuntime,
  SLOT_PREFIX,
  type SlotKind,
  type VisibleName,
} from "./cell-identifiers.ts";
import type { DeclaredName } from "./declared-names.ts";
import { type ImportStatement, withoutStatements } from "./import-statements.ts";
import { ImportTable } from "./import-table.ts";

/** The text of a cell for the checker. */
export interface ComposedCell {
  readonly code: string;
  readonly slot: string;
  readonly path: string;
  readonly text: string;
  /** Where the cell begins in `text`, */
  readonly offset: number;
  /** and where it ends; the exports that were asked for are behind it. */
  readonly end: number;
  /** Slots that the text refers to. */
  readonly uses: ReadonlySet<string>;
}

export interface ComposeOptions {
  /** `jsx` reads the code as TSX. */
  kind: SlotKind;
  /** Whether to parse the code in parentheses, as one expression. */
  isExpression?: boolean;
  /** Names that the cell declares itself. */
  declares: ReadonlySet<string>;
  /** Names that are exported already: then the cell need not be read again when it is declared. */
  exports?: readonly string[];
  /** Import statements that are in the import table, and are left out of the code. */
  imports?: readonly ImportStatement[];
  /** Whether all names are visible, not only those in the code. */
  everything?: boolean;
  /** Whether to use a scratch file and not the slot of the next cell. */
  scratch?: boolean;
}

const INDEX = ".notelake-cells.ts";
const IMPORTS = ".notelake-imports.ts";
const SCRATCH = "scratch";
const FIRST_SLOTS = { cell: 64, jsx: 8 };
const IMPORTS_NAME = `${SLOT_PREFIX}imports`;
/** Names of the files of cells. */
export const SLOT_FILE = /\.notelake-(?:cell|jsx)-\w+/;

interface Slot {
  readonly name: string;
  readonly path: string;
  /** Number of visible names that it declares, and of slots that refer to it. */
  users: number;
  uses: ReadonlySet<string>;
  augmentsGlobal: boolean;
}

/**
 * The declarations of all cells so far, as files for the checker.
 *
 * Each cell that declares something is a module, a slot, which exports it. An index file exports
 * all slots under their names. A hidden first line of a cell imports the names that it uses. All
 * slots exist from the start, empty, with their later imports: so declaring a cell changes the text
 * of one file, and never the set of files. A slot that nothing refers to is reused: cost and memory
 * stay constant.
 *
 * ```ts
 * import { __notelake_cell_3 } from "./.notelake-cells.ts";
 * import width = __notelake_cell_3.width; width * 2
 * ```
 */
export class CellScope {
  /** Contents of the files, by path. */
  readonly contents: Map<string, string>;
  /** Imports of cells; {@link writeImports} writes changes to the files. */
  readonly imports = new ImportTable();
  /** Names that JSX uses implicitly. */
  jsxNames: readonly string[] = ["React"];
  readonly #folder: string;
  readonly #slots = new Map<string, Slot>();
  readonly #free = { cell: [] as Slot[], jsx: [] as Slot[] };
  readonly #scratch = {} as Record<SlotKind, Pick<Slot, "name" | "path">>;
  readonly #visible = new Map<string, VisibleName>();

  /**
   * @param folder of the checker's files, with slashes; on the disk they are empty
   * @param unsavedFolder its name for unsaved documents
   * @param contents gets the contents of the files, by path
   */
  constructor(folder: string, unsavedFolder: string, contents: Map<string, string>) {
    this.contents = contents;
    this.#folder = folder;
    for (const kind of ["cell", "jsx"] as const) {
      const path = `${unsavedFolder}/${slotFile(kind, SCRATCH)}`;
      this.#scratch[kind] = { name: slotName(kind, SCRATCH), path };
      this.contents.set(path, `import {} from "${this.indexPath}";\n`);
      for (let i = 0; i < FIRST_SLOTS[kind]; i++) this.#free[kind].unshift(this.#add(kind));
    }
    this.writeImports();
    this.#writeIndex();
  }

  get visible(): ReadonlyMap<string, VisibleName> {
    return this.#visible;
  }

  get indexPath(): string {
    return `${this.#folder}/${INDEX}`;
  }

  get importsPath(): string {
    return `${this.#folder}/${IMPORTS}`;
  }

  writeImports(): void {
    this.#write(this.importsPath, this.imports.text);
  }

  /** The files that the project names; all others are imported. */
  get entries(): string[] {
    return [this.indexPath, this.#scratch.cell.path, this.#scratch.jsx.path];
  }

  /** Sets the text of a cell in its slot. */
  compose(code: string, options: ComposeOptions): ComposedCell {
    const { kind, declares, scratch = false, isExpression = false, imports = [] } = options;
    const { exports = [] } = options;
    const slot = scratch ? this.#scratch[kind] : this.#free[kind].at(-1);
    if (!slot) throw new Error("there is always a free slot");
    const mentioned = options.everything
      ? this.#visible.keys()
      : identifiers(code, kind === "jsx" ? this.jsxNames : []);
    const uses = new Set<string>();
    const lines: string[] = [];
    for (const name of mentioned) {
      const match = this.#visible.get(name);
      if (!match || declares.has(name)) continue;
      uses.add(match.slot);
      lines.push(bringIn(match));
    }
    for (const { specifier, names } of imports) {
      for (const name of names) {
        const path = `${IMPORTS_NAME}.${this.imports.nameOf(specifier, name)}`;
        lines.push(`import ${name.local} = ${path};`);
      }
    }
    const pragmas = filePragmas(code, kind);
    const index = scratch ? this.indexPath : `./${INDEX}`;
    const slots = [...uses, ...(imports.length > 0 ? [IMPORTS_NAME] : [])].join(", ");
    const before = `${pragmas}import { ${slots} } from "${index}"; ${lines.join(" ")} ${jsxRuntime(pragmas)};`;
    // `#!` is a comment only at the start of a file.
    const body = withoutStatements(code, imports).replace(/^#!/, "//");
    const cell = isExpression ? `${before}\n(${body}\n)` : `${before}\n${body}`;
    const text = exports.length === 0 ? cell : cell + exportsOf(exports.map((name) => ({ name })));
    this.contents.set(slot.path, text);
    const offset = before.length + (isExpression ? 2 : 1);
    return { code, slot: slot.name, path: slot.path, text, offset, end: cell.length, uses };
  }

  /**
   * Makes names of a composed cell visible to later cells.
   *
   * @returns files that changed: the cell's own unless it was composed with the same exports, the
   *   index when slots were added
   */
  declare(
    cell: ComposedCell,
    names: readonly (DeclaredName & { form: VisibleName["form"] })[],
    augmentsGlobal: boolean,
  ): string[] {
    if (names.length === 0 && !augmentsGlobal) return [];
    const slot = this.#slots.get(cell.slot);
    if (!slot) throw new Error(`no slot ${cell.slot}`);
    const changed: string[] = [];
    const kind = slot.name.startsWith(slotName("jsx", "")) ? "jsx" : "cell";
    this.#free[kind].splice(this.#free[kind].indexOf(slot), 1);
    const text = cell.text.slice(0, cell.end) + exportsOf(names);
    if (this.contents.get(slot.path) !== text) {
      this.contents.set(slot.path, text);
      changed.push(slot.path);
    }
    slot.uses = cell.uses;
    slot.augmentsGlobal = augmentsGlobal;
    // A global declaration counts as in use forever.
    slot.users = names.length + (augmentsGlobal ? 1 : 0);
    for (const used of slot.uses) this.#use(used, 1, changed);
    for (const { name, kind, form } of names) {
      const before = this.#visible.get(name);
      this.#visible.delete(name);
      this.#visible.set(name, { name, kind, form, slot: slot.name });
      if (before) this.#use(before.slot, -1, changed);
    }
    if (this.#free[kind].length === 0) changed.push(...this.#grow(kind));
    return changed;
  }

  /**
   * Removes global declarations of the earlier cells `paths`, which a cell declares differently.
   *
   * @returns files that changed
   */
  retireGlobals(paths: ReadonlySet<string>): string[] {
    const changed: string[] = [];
    for (const slot of this.#slots.values()) {
      if (!slot.augmentsGlobal || !paths.has(slot.path)) continue;
      const text = this.contents.get(slot.path) ?? "";
      const retired = `declare namespace ${SLOT_PREFIX}retired`;
      this.contents.set(slot.path, text.replace(/\bdeclare\s+global\b/g, retired));
      slot.augmentsGlobal = false;
      changed.push(slot.path);
      this.#use(slot.name, -1, changed);
    }
    return changed;
  }

  /** Counts users of a slot; one without users is free. */
  #use(name: string, change: number, changed: string[]): void {
    const slot = this.#slots.get(name);
    if (!slot) return;
    slot.users += change;
    if (slot.users > 0) return;
    const { uses } = slot;
    slot.uses = new Set();
    this.#free[name.startsWith(slotName("jsx", "")) ? "jsx" : "cell"].unshift(slot);
    for (const used of uses) this.#use(used, -1, changed);
  }

  #grow(kind: SlotKind): string[] {
    const count = [...this.#slots.keys()].filter((name) => name.startsWith(slotName(kind, "")));
    for (let i = 1; i < count.length; i++) this.#free[kind].unshift(this.#add(kind));
    this.#writeIndex();
    return [this.indexPath];
  }

  #add(kind: SlotKind, id = String(this.#slots.size)): Slot {
    const name = slotName(kind, id);
    const path = `${this.#folder}/${slotFile(kind, id)}`;
    const slot = { name, path, users: 0, uses: new Set<string>(), augmentsGlobal: false };
    this.#slots.set(name, slot);
    this.#write(path, `import {} from "./${INDEX}";\n`);
    return slot;
  }

  #writeIndex(): void {
    const lines = [...this.#slots.values()].map(
      ({ name, path }) => `export * as ${name} from "./${path.slice(this.#folder.length + 1)}";`,
    );
    lines.push(`export * as ${IMPORTS_NAME} from "./${IMPORTS}";`);
    this.#write(this.indexPath, lines.join("\n"));
  }

  /** The file on the disk is empty. */
  #write(path: string, text: string): void {
    if (!this.contents.has(path)) writeFileSync(path, "");
    this.contents.set(path, text);
  }
}

function slotName(kind: SlotKind, id: string): string {
  return `${SLOT_PREFIX}${kind}_${id}`;
}

function slotFile(kind: SlotKind, id: string): string {
  return `.notelake-${kind}-${id}.${kind === "jsx" ? "tsx" : "ts"}`;
}
