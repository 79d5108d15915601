import { createRequire } from "node:module";
import { isKnown } from "../missing.ts";
import { writeLocal } from "../write-local.ts";
import type { ExcelOptions, Inside, JsonOptions, Values } from "./danfo-internals.ts";

/**
 * Files of this machine that frames are written to: whole or not at all, and never through a link.
 * Dates of a workbook are in UTC, as everywhere else, and missing values are empty cells.
 */
export function mendWriting({ excel, json }: Inside): void {
  const asJson = json.$toJSON;
  json.$toJSON = (data: Values, { filePath, ...options }: JsonOptions = {}) => {
    const made = asJson(data, options);
    if (!filePath) return made;
    writeLocal(filePath, ".json", JSON.stringify(made));
    return undefined;
  };
  excel.$toExcel = (data: Values, options: ExcelOptions = {}) => {
    const { filePath = "./output.xlsx", sheetName = "Sheet1", writingOptions } = options;
    // The very module that Danfo has loaded.
    const xlsx = createRequire(import.meta.url)("@e965/xlsx") as typeof import("@e965/xlsx");
    const rows = data.$isSeries
      ? (data.values as unknown[]).map((value) => [value])
      : (data.values as unknown[][]);
    const cells = rows.map((row) => row.map((value) => (isKnown(value) ? value : null)));
    const sheet = xlsx.utils.aoa_to_sheet([data.columns, ...cells], { UTC: true });
    const book = xlsx.utils.book_new();
    xlsx.utils.book_append_sheet(book, sheet, sheetName);
    const bytes = xlsx.write(book, { bookType: "xlsx", ...writingOptions, type: "buffer" });
    writeLocal(filePath, ".xlsx", bytes);
  };
}
