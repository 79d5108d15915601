import { basename, dirname, resolve } from "node:path";
import { readCommandLine, UsageError } from "../core/command-line.ts";
import { cellModules } from "../kernel/check/cell-modules.ts";
import { checkNotebooks } from "../kernel/check/check-notebooks.ts";
import { RAISES } from "./cell-tags.ts";
import { findNotebooks } from "./find-notebooks.ts";
import { cellSource, NotebookError, readNotebook, refuseForeignKernel } from "./notebook.ts";

const HELP = `notelake check NOTEBOOK-OR-FOLDER...

Checks the types of notebooks without running them: all cells together,
strictly, by TypeScript 7, with the tsconfig.json beside the notebook. Imports,
names and parameters that no cell uses are errors too. Exit code 0 when there is
none, 1 when there is one, 2 for a wrong command line.

A cell tagged raises-exception may be wrong: nothing is said of it.
`;

/** `notelake check`. Returns the exit code. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = readCommandLine("check", args, {
    allowPositionals: true,
    options: { help: { type: "boolean", short: "h" } },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (positionals.length === 0) {
    throw new UsageError(
      "notelake check needs a notebook",
      "Such as: npx notelake check notebooks",
    );
  }
  const files = findNotebooks(positionals);
  const lines = await checkFiles(files);
  for (const line of lines) process.stdout.write(`${line}\n`);
  const count = lines.length === 1 ? "1 error" : `${lines.length} errors`;
  process.stdout.write(`${files.length} notebooks checked, ${count}\n`);
  return lines.length > 0 ? 1 : 0;
}

/** Type errors in the files, each with notebook, cell, line, and the line's text. */
async function checkFiles(files: readonly string[]): Promise<string[]> {
  const lines: string[] = [];
  const folders = new Map<string, { file: string; cells: CodeCell[] }[]>();
  for (const file of files) {
    try {
      const notebook = await readNotebook(file);
      refuseForeignKernel(notebook, file);
      const cells = [...notebook.cells.entries()]
        .filter(([, { cell_type: type }]) => type === "code")
        .map(([index, cell]) => ({
          index,
          id: cell.id,
          source: cellSource(cell),
          mayFail: cell.metadata.tags?.includes(RAISES) ?? false,
        }));
      const folder = dirname(resolve(file));
      folders.set(folder, [...(folders.get(folder) ?? []), { file, cells }]);
    } catch (error) {
      if (!(error instanceof NotebookError)) throw error;
      lines.push(error.message);
    }
  }
  for (const [folder, notebooks] of folders) {
    const sources = notebooks.map(({ cells }) => cells.map(({ source }) => source));
    for (const error of checkNotebooks(folder, sources, cellModules(folder))) {
      const { file, cells } = notebooks[error.notebook] ?? {};
      const cell = cells?.[error.cell];
      if (!file || !cell || cell.mayFail) continue;
      const { code, line, column, message } = error;
      const place = `${basename(file)}, cell ${cell.index + 1} (id ${cell.id}), line ${line}`;
      const text = cell.source.split("\n")[line - 1] ?? "";
      const caret = `${" ".repeat(column - 1)}^`;
      lines.push(`${place}: TS${code}: ${message}\n  ${text}\n  ${caret}`);
    }
  }
  return lines;
}

interface CodeCell {
  readonly index: number;
  readonly id: string;
  readonly source: string;
  readonly mayFail: boolean;
}
