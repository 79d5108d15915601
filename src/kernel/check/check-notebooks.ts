import { writeFileSync } from "node:fs";
import { cellConfig, configErrors, findTsconfig } from "./cell-config.ts";
import { cleanText, isUntyped, messageOf } from "./diagnostics.ts";
import { createMirrorFolder } from "./mirror-folder.ts";
import { NativeCompiler } from "./native-compiler.ts";
import { notebookModule } from "./notebook-module.ts";

/** An error in a cell of a notebook. */
export interface NotebookDiagnostic {
  /** Which of the notebooks, from 0. */
  readonly notebook: number;
  /** Which of its cells, from 0. */
  readonly cell: number;
  /** TypeScript's number of it: 6133 is TS6133. */
  readonly code: number;
  readonly message: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
}

/** Beside what cells are held to as they run: what nobody uses. */
const UNUSED = { noUnusedLocals: true, noUnusedParameters: true };
const CONFIG = ".notelake-check.json";

/**
 * Checks all cells of notebooks together, strictly, without running any: each cell sees what the
 * ones before it declare, and what no cell uses is an error too. One compiler checks all notebooks
 * of a folder, so that the declarations of packages are read once.
 *
 * @param folder absolute path of the notebooks' folder, whose tsconfig.json counts
 * @param notebooks the sources of each one's code cells
 * @param modules file that always answers for a specifier
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
  const compiler = new NativeCompiler({ contents, notice: () => {}, onProcess });
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
    compiler.makeRoomForImports();
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
    // When its other end is closed it prints what it was doing.
    if (pid > 0) process.kill(pid, "SIGKILL");
    compiler.close();
    mirror.remove();
  }
}
