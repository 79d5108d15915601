import { writeFileSync } from "node:fs";
import type { CellObject, WorkSheet } from "@e965/xlsx";
import { FrameError } from "../../core/errors.ts";
import { isMissing } from "../../core/missing.ts";
import type { FrameColumn } from "../read/values/frame-column.ts";

const LONGEST_TEXT = 32_767;
const DAY = 86_400_000;
const DAYS_TO_1970 = 25_569;
/** From here on Excel counts days as everyone does. */
const FIRST_DAY = Date.UTC(1900, 2, 1);

/** What is written of a column. */
export type WorkbookColumn = Pick<FrameColumn, "name" | "kind" | "values">;

/**
 * Writes columns as a workbook of one sheet. It takes long, and hears nothing meanwhile.
 *
 * @throws FrameError `BAD_COLUMN` for what no cell can hold
 */
export async function writeWorkbook(
  localFile: string,
  rows: number,
  columns: readonly WorkbookColumn[],
): Promise<void> {
  // Loaded when first needed.
  const { default: xlsx } = await import("@e965/xlsx");
  const sheet: WorkSheet = xlsx.utils.aoa_to_sheet([columns.map(({ name }) => name)], {
    dense: true,
  });
  const cells = sheet["!data"] as (CellObject | undefined)[][];
  for (let row = 0; row < rows; row++) {
    cells.push(columns.map((column) => cellOf(column.values[row], column)));
  }
  sheet["!ref"] = xlsx.utils.encode_range({
    s: { r: 0, c: 0 },
    e: { r: rows, c: Math.max(0, columns.length - 1) },
  });
  const book = xlsx.utils.book_new();
  xlsx.utils.book_append_sheet(book, sheet, "Sheet1");
  writeFileSync(localFile, xlsx.write(book, { type: "buffer", compression: true }));
}

function cellOf(value: unknown, column: WorkbookColumn): CellObject | undefined {
  if (isMissing(value)) return undefined;
  if (typeof value === "boolean") return { t: "b", v: value };
  if (value instanceof Date) return dateCell(value, column);
  if (typeof value === "number") {
    if (Number.isFinite(value)) return { t: "n", v: value };
    throw noCell(column, "infinity", "Filter such rows out, or cast the column to varchar.");
  }
  const text = String(value);
  if (text.length <= LONGEST_TEXT) return { t: "s", v: text };
  const most = LONGEST_TEXT.toLocaleString("en");
  throw noCell(column, `a text of more than ${most} characters`, "Write Parquet or CSV.");
}

function dateCell(value: Date, column: WorkbookColumn): CellObject {
  const time = value.getTime();
  if (time < FIRST_DAY || time >= Date.UTC(10_000, 0, 1)) {
    throw noCell(column, "a day before March 1900 or after 9999", "Cast the column to varchar.");
  }
  const z = column.kind === "date" || time % DAY === 0 ? "yyyy-mm-dd" : "yyyy-mm-dd hh:mm:ss.000";
  return { t: "n", v: time / DAY + DAYS_TO_1970, z };
}

function noCell({ name }: WorkbookColumn, what: string, hint: string): FrameError {
  return new FrameError("BAD_COLUMN", `column ${name} holds ${what}, which no cell of Excel can`, {
    hint,
  });
}
