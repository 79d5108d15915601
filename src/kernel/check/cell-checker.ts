import { statSync, writeFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import type { Diagnostic } from "typescript/unstable/sync";
import { cellConfig, configErrors, findTsconfig, jsxNames } from "./cell-config.ts";
import { CellReader, type Forms, type ReadCell } from "./cell-reader.ts";
import { CellScope } from "./cell-scope.ts";
import { type Completeness, completenessOf } from "./completeness.ts";
import { completeCell } from "./completion.ts";
import type { CellCompletion } from "./completion-reply.ts";
import {
  type CellDiagnostic,
  describeDiagnostics,
  isMissingModule,
  isMissingName,
} from "./diagnostics.ts";
import { type Inspection, inspectAt } from "./inspection.ts";
import { createMirrorFolder, packageRoot, slashed } from "./mirror-folder.ts";
import { NativeCompiler } from "./native-compiler.ts";
import { utf16Offset } from "./positions.ts";

export type { CellDiagnostic } from "./diagnostics.ts";

/** Checks cells, one after another; later cells see the declarations of earlier ones. */
export interface CellChecker {
  /** Errors of a code as the next cell, without keeping it. */
  check(code: string, name: string): readonly CellDiagnostic[];
  /** Finds out what `declare` needs to know of the cell that was checked last, while that runs. */
  prepareToDeclare(): void;
  /**
   * Makes the declarations of a cell that ran visible to later ones.
   *
   * @param reached names with a value when the cell failed; absent when it did not
   */
  declare(code: string, name: string, reached?: ReadonlySet<string>): void;
  /**
   * Completions at a position of a code.
   *
   * @param position in code points, as in Jupyter; so are positions of the result
   */
  complete(code: string, position: number): CellCompletion;
  /**
   * Help for a position of a code: the call around it, or the name.
   *
   * @param position in code points
   */
  inspect(code: string, position: number): Inspection | undefined;
  /** Whether a console may run a code. */
  isComplete(code: string): Completeness;
  /** Loads what the first cell would wait for. */
  warmUp(): void;
  /** The notebook's own files changed. */
  filesChanged(paths: readonly string[]): void;
  close(): void;
}

export interface CheckerOptions {
  /** Absolute path of the notebook's folder. */
  folder: string;
  /** Files for specifiers that are not resolved otherwise: `{ tslab: "/…/tslab.ts" }`. */
  modules?: Readonly<Record<string, string>>;
  /** Called when the compiler was restarted. */
  notice?: (message: string) => void;
  /** Called with the id of the compiler's process, and 0 when it ended. */
  onProcess?: (pid: number) => void;
  /**
   * Whether cells are sure to import packages. Else the compiler is started again, with more room,
   * for the first that does.
   */
  imports?: boolean;
  /** Called with the folder to remove when the thread ends without `close`. */
  onFolder?: (temporary: string) => void;
}

/** Starts a checker for the cells of a notebook in `folder`. */
export function startChecker(options: CheckerOptions): CellChecker {
  return new NativeCellChecker(options);
}

/** Code that may import more than Node's modules. */
const IMPORT = /\b(?:from|import|require)\b[\s(]*["'](?!node:)/;
const CONFIG = ".notelake-tsconfig.json";

class NativeCellChecker implements CellChecker {
  readonly #folder: string;
  readonly #mirror: ReturnType<typeof createMirrorFolder>;
  readonly #scope: CellScope;
  readonly #compiler: NativeCompiler;
  readonly #reader: CellReader;
  /** The notebook's own files that cells import, and their modification times. */
  readonly #ownFiles = new Map<string, number>();
  readonly #notice: (message: string) => void;
  #checked: { readonly read: ReadCell; forms?: Forms } | undefined;
  #warm = false;

  constructor(options: CheckerOptions) {
    const { folder, modules = {}, notice = () => {}, onProcess = () => {}, onFolder } = options;
    const { imports = false } = options;
    this.#folder = folder;
    this.#notice = notice;
    const contents = new Map<string, string>();
    // First, so that the process starts in parallel.
    this.#compiler = new NativeCompiler({ contents, notice, onProcess, imports });
    this.#mirror = createMirrorFolder(folder);
    onFolder?.(this.#mirror.temporary);
    this.#scope = new CellScope(this.#mirror.folder, this.#mirror.unsaved.folder, contents);
    const config = `${this.#mirror.folder}/${CONFIG}`;
    this.#compiler.openProject(config);
    const path = findTsconfig(folder);
    const tsconfig = path && { path, options: this.#compiler.readConfig(path) };
    if (tsconfig) this.#scope.jsxNames = jsxNames(tsconfig.options);
    writeFileSync(config, "");
    contents.set(
      config,
      cellConfig({
        folder,
        roots: [this.#mirror.root, this.#mirror.unsaved.root],
        modules,
        entries: this.#scope.entries,
        ...(tsconfig && { tsconfig }),
      }),
    );
    this.#reader = new CellReader(this.#scope, this.#compiler);
  }

  check(code: string, _name: string): readonly CellDiagnostic[] {
    if (IMPORT.test(code)) this.#compiler.makeRoomForImports();
    this.warmUp();
    this.#noticeChangedFiles();
    let read = this.#reader.read(code);
    let diagnostics = this.#diagnose(read);
    if (diagnostics.some(isMissingModule) && !this.#reader.lookedUp) {
      // It may have been installed or written since it was looked up.
      this.#compiler.everythingChanged();
      diagnostics = this.#diagnose(read);
    }
    while (read.augmentsGlobal && this.#retireGlobals(diagnostics)) {
      diagnostics = this.#diagnose(read);
    }
    if (diagnostics.some(isMissingName)) {
      // With all names visible the compiler suggests the one that was meant.
      read = this.#reader.readAgain(read, { everything: true });
      diagnostics = this.#diagnose(read);
    }
    this.#checked = { read };
    return describeDiagnostics(diagnostics, read.cell, {
      visible: this.#scope.visible,
      root: this.#mirror.root,
      folder: this.#folder,
    });
  }

  prepareToDeclare(): void {
    if (this.#checked) this.#checked.forms = this.#reader.formsOf(this.#checked.read);
  }

  declare(code: string, _name: string, reached?: ReadonlySet<string>): void {
    const checked = this.#checked?.read.cell.code === code ? this.#checked : undefined;
    const { read, forms } = checked ?? { read: this.#reader.read(code), forms: undefined };
    this.#checked = undefined;
    this.#reader.declare(read, forms, reached);
    if ([...read.names.values()].some(({ kind }) => kind === "import")) this.#listOwnFiles();
  }

  inspect(code: string, position: number): Inspection | undefined {
    this.warmUp();
    const { cell } = this.#reader.read(code, { scratch: true });
    return this.#compiler.askForHelp((project) => {
      const file = project.program.getSourceFile(cell.path);
      return file && inspectAt(project, file, cell.offset + utf16Offset(code, position));
    });
  }

  isComplete(code: string): Completeness {
    return completenessOf(this.#reader.read(code, { scratch: true }));
  }

  complete(code: string, position: number): CellCompletion {
    this.warmUp();
    const { visible } = this.#scope;
    const context = { folder: this.#folder, reader: this.#reader, compiler: this.#compiler };
    return completeCell({ ...context, visible }, code, position);
  }

  warmUp(): void {
    if (this.#warm) return;
    this.#warm = true;
    const errors = this.#compiler.ask(configErrors);
    if (errors.length > 0) {
      this.#notice(`The project's tsconfig.json counts only in part:\n${errors.join("\n")}`);
    }
  }

  filesChanged(paths: readonly string[]): void {
    for (const path of paths) this.#compiler.changed(path);
  }

  close(): void {
    this.#compiler.close();
    this.#mirror.remove();
  }

  #diagnose({ cell, syntax }: ReadCell) {
    if (syntax.length > 0) return syntax;
    const diagnostics = this.#compiler.ask(({ program }) =>
      program.getSemanticDiagnostics(cell.path),
    );
    return diagnostics.filter(({ pos }) => pos <= cell.end);
  }

  /** Removes global declarations of cells that this one declares again. */
  #retireGlobals(diagnostics: readonly Diagnostic[]): boolean {
    const related = diagnostics.flatMap(({ relatedInformation = [] }) => relatedInformation);
    const files = related.map(({ fileName = "" }) => fileName);
    const changed = this.#scope.retireGlobals(new Set(files));
    for (const path of changed) this.#compiler.changed(path);
    return changed.length > 0;
  }

  #noticeChangedFiles(): void {
    for (const [path, before] of this.#ownFiles) {
      const now = lastWritten(path);
      if (now === before) continue;
      this.#ownFiles.set(path, now);
      if (now === 0) this.#compiler.everythingChanged();
      else this.#compiler.changed(path);
    }
  }

  #listOwnFiles(): void {
    const names = this.#compiler.ask(({ program }) => program.getSourceFileNames());
    this.#compiler.makeRoomFor(names.length);
    for (const path of names) {
      const isOwn =
        isAbsolute(path) &&
        !path.includes("/node_modules/") &&
        !path.startsWith(this.#mirror.root) &&
        !path.startsWith(slashed(join(packageRoot(), "src")));
      if (isOwn && !this.#ownFiles.has(path)) this.#ownFiles.set(path, lastWritten(path));
    }
  }
}

/** Time in ms; 0 when the file is gone. */
function lastWritten(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
