import { writeFileSync } from "node:fs";
import { cellConfig, configErrors, findTsconfig } from "./cell-config.ts";
import { cleanText, isUntyped, messageOf } from "./diagnostics.ts";
import { createMirrorFolder } from "./mirror-folder.ts";
import { NativeCompiler } from "./native-compiler.ts";
import { notebookModule } from "./notebook-module.ts";

/** An error in a cell of a notebook. */
export interface NotebookDiagnostic {
  readonly notebook: number;
  /** Index of the cell. */
  readonly cell: number;
  /** Code of TypeScript: 6133 is TS6133. */
  readonly code: number;
  readonly message: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
}

/** Additional options for whole notebooks. */
const UNUSED = { noUnusedLocals: true, noUnusedParameters: true };
const CONFIG = ".notelake-check.json";

/**
 * Checks all cells of notebooks without running them: each cell sees the declarations of the ones
 * before it, and what no cell uses is an error too. One compiler checks all notebooks, so that
 * declarations of packages are loaded once.
 *
 * @param folder absolute path of the notebooks' folder, whose tsconfig.json applies
 * @param notebooks sources of the code cells of each
 * @param modules files for specifiers, before any package
 * @throws CheckerError
 */
export function checkNotebooks(
  folder: string,
  notebooks: readonly (readonly string[])[],
  modules: Readonly<Record<string, string>> = {},
): NotebookDiagnostic[] {
  const contents = new Map<string, string>();
  let pid = 0;
  const onProcess = (id: number) => {
    pid = id;
  };
  const compiler = new NativeCompiler({ contents, notice: () => {}, onProcess, imports: true });
  const mirror = createMirrorFolder(folder);
  try {
    const config = `${mirror.folder}/${CONFIG}`;
    const checked = notebooks.map((cells, index) => {
      const module = notebookModule(cells);
      const path = `${mirror.folder}/.notelake-notebook-${index}.${module.isJsx ? "tsx" : "ts"}`;
      return { cells, module, path };
    });
    const path = findTsconfig(folder);
    const settings = JSON.parse(
      cellConfig({
        folder,
        roots: [mirror.root],
        modules,
        entries: checked.map(({ path }) => path),
        ...(path && { tsconfig: { path, options: compiler.readConfig(path) } }),
      }),
    );
    Object.assign(settings.compilerOptions, UNUSED);
    for (const { path, module } of checked) {
      writeFileSync(path, "");
      contents.set(path, module.text);
    }
    writeFileSync(config, "");
    contents.set(config, JSON.stringify(settings));
    compiler.openProject(config);
    compiler.ask(configErrors);
    return checked.flatMap(({ cells, module, path }, notebook) => {
      const diagnostics = compiler.ask(({ program }) => {
        const syntax = program.getSyntacticDiagnostics(path);
        return syntax.length > 0 ? syntax : program.getSemanticDiagnostics(path);
      });
      return diagnostics.flatMap((diagnostic) => {
        const place = isUntyped(diagnostic) ? undefined : module.locate(diagnostic.pos);
        if (!place) return [];
        const before = (cells[place.cell] ?? "").slice(0, place.offset).split("\n");
        return [
          {
            notebook,
            cell: place.cell,
            code: diagnostic.code,
            message: cleanText(messageOf(diagnostic), mirror.root),
            line: before.length,
            column: (before.at(-1)?.length ?? 0) + 1,
          },
        ];
      });
    });
  } finally {
    // Killed, as it would print a stack trace when its pipe closes.
    if (pid > 0) process.kill(pid, "SIGKILL");
    compiler.close();
    mirror.remove();
  }
}
