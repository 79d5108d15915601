import type { StagedFile } from "../../cache/stage.ts";
import type { Engine } from "../../sql/engine.ts";
import { makeTable } from "../../sql/frame-as-table.ts";
import { parseInThread } from "../parse-thread.ts";
import type { ReadOptions } from "../read-options.ts";
import type { SheetColumn } from "./excel-sheet.ts";

/**
 * Makes a sheet of an Excel workbook (`.xlsx`, `.xlsm`) a table of the engine. Formulas count with
 * the result that was stored, errors such as `#N/A`, empty cells and empty text as null. The table begins where
 * the first cell is that holds something.
 *
 * @throws FrameError `BAD_FILE`, `NO_SHEET`, `NO_HEADER`, `EMPTY_FILE`, `TOO_LARGE`
 */
export async function excelTable(
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
  await makeTable(engine, table, frame, signal);
}
