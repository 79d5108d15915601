import type { StagedFile } from "../cache/stage.ts";
import { partitionsOf } from "../discover/hive-partitions.ts";
import { type Engine, identifier, literal } from "../sql/engine.ts";
import { fileColumnSql } from "./file-column.ts";
import type { OpenOptions, ReadOptions, Source } from "./read-options.ts";
import { unite } from "./unite-schemas.ts";

let tablesSoFar = 0;

/** Files that the engine cannot read itself, each made a temporary table, as one source. */
export async function tableSource(
  engine: Engine,
  files: readonly StagedFile[],
  partitions: ReadonlyMap<string, string>,
  options: ReadOptions,
  { format, signal, hasFiles }: OpenOptions & { readonly format: "arrow" | "excel" },
): Promise<Source> {
  // Loaded when first needed, as each brings a library of its own.
  const make =
    format === "arrow"
      ? (await import("./arrow/arrow-table.ts")).arrowTable
      : (await import("./excel/excel-table.ts")).excelTable;
  const schemas = [];
  const selects: string[] = [];
  for (const file of files) {
    const table = `notelake file ${tablesSoFar++}`;
    await make(engine, table, file, options, signal);
    const described = await engine.runAndReadAll(`describe from temp.${identifier(table)}`);
    const columns = described
      .getRowsJson()
      .map(([name, type]) => ({ name: String(name), type: String(type) }));
    schemas.push({ file, columns });
    const path = hasFiles ? `, ${fileColumnSql([file], [])}` : "";
    selects.push(
      `select *${constants(file, columns, partitions)}${path} from temp.${identifier(table)}`,
    );
  }
  unite(schemas, options);
  return { sql: `(${selects.join(" union all by name ")})` };
}

/** The values of the folders that a file lies in, unless it has columns of those names. */
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
