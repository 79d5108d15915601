import type { StagedFile } from "../cache/stage.ts";
import { partitionsOf } from "../discover/hive-partitions.ts";
import { describeColumns } from "../sql/describe-columns.ts";
import { type Engine, identifier, literal } from "../sql/engine.ts";
import { makeFrameTable } from "../sql/frame-as-table.ts";
import type { SheetColumn } from "./excel/excel-sheet.ts";
import { fileColumnSql } from "./file-column.ts";
import { parseInThread } from "./parse-thread.ts";
import type { OpenOptions, ReadOptions, Source } from "./read-options.ts";
import { uniteSchemas } from "./unite-schemas.ts";

let tablesSoFar = 0;

/** Files that the engine cannot read itself, as temporary tables in one source. */
export async function tableSource(
  engine: Engine,
  files: readonly StagedFile[],
  partitions: ReadonlyMap<string, string>,
  options: ReadOptions,
  { format, signal, hasFiles }: OpenOptions & { readonly format: "arrow" | "excel" },
): Promise<Source> {
  // Loaded at the first use, as each needs a library.
  const make =
    format === "arrow" ? (await import("./arrow/arrow-table.ts")).arrowTable : excelTable;
  const schemas = [];
  const selects: string[] = [];
  for (const file of files) {
    const table = `notelake file ${tablesSoFar++}`;
    await make(engine, table, file, options, signal);
    const columns = await describeColumns(engine, `from temp.${identifier(table)}`);
    schemas.push({ file, columns });
    const path = hasFiles ? `, ${fileColumnSql([file], [])}` : "";
    selects.push(
      `select *${constants(file, columns, partitions)}${path} from temp.${identifier(table)}`,
    );
  }
  uniteSchemas(schemas, options);
  return { sql: `(${selects.join(" union all by name ")})` };
}

/** Partition values of a file, unless it has columns of those names. */
function constants(
  file: StagedFile,
  columns: readonly { readonly name: string }[],
  partitions: ReadonlyMap<string, string>,
): string {
  const values = partitionsOf(file.entry.path);
  return [...partitions]
    .filter(([key]) => !columns.some(({ name }) => name === key))
    .map(([key, type]) => {
      const value = values.get(key) ?? null;
      return `, ${value === null ? "null" : literal(value)}::${type} as ${identifier(key)}`;
    })
    .join("");
}

/**
 * Creates a table of the engine from a sheet of an Excel workbook (`.xlsx`, `.xlsm`). Formulas have
 * their stored results; errors such as `#N/A`, empty cells and empty text are null. The table
 * begins at the first cell with a value.
 *
 * @throws FrameError `BAD_FILE`, `NO_SHEET`, `NO_HEADER`, `EMPTY_FILE`, `TOO_LARGE`
 */
async function excelTable(
  engine: Engine,
  table: string,
  file: StagedFile,
  options: ReadOptions,
  signal?: AbortSignal,
): Promise<void> {
  const columns = await parseInThread<SheetColumn>({ kind: "excel", file, options }, signal);
  const values = new Map(columns.map((column) => [column.name, column.values]));
  const frame = {
    columns: [...values.keys()],
    column: (name: string) => ({ values: values.get(name) ?? [] }),
  };
  await makeFrameTable(engine, table, frame, signal);
}
