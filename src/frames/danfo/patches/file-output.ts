import { createRequire } from "node:module";
import { isMissing } from "../../../core/missing.ts";
import { writeNewFileSync } from "../../../lake/local/new-file.ts";
import type {
  CsvOptions,
  ExcelOptions,
  JsonOptions,
  NDframe,
  PatchTarget,
} from "./danfo-internals.ts";
import { labelOf } from "./value-keys.ts";

/**
 * Frames are written to files of this machine whole or not at all, and never through a link. Fields
 * of CSV are quoted where they have to be. Dates of a workbook are in UTC, as everywhere else, and
 * missing values are empty cells.
 */
export function patchFileOutput({ internals }: PatchTarget): void {
  const { csv, excel, json } = internals;
  csv.$toCSV = (data: NDframe, options: CsvOptions = {}) => {
    const { sep = ",", header = true, filePath } = options;
    const rows = data.$isSeries
      ? (data.values as unknown[]).map((value) => [value])
      : (data.values as unknown[][]);
    const lines = header ? [data.columns, ...rows] : rows;
    const text = lines
      .map(
        (line) => `${line.map((cell) => field(cell, sep)).join(sep)}
`,
      )
      .join("");
    if (filePath === undefined) return text;
    writeLocal(filePath, ".csv", text);
    return undefined;
  };
  const asJson = json.$toJSON;
  json.$toJSON = (data: NDframe, { filePath, ...options }: JsonOptions = {}) => {
    const made = asJson(data, options);
    if (!filePath) return made;
    writeLocal(filePath, ".json", JSON.stringify(made));
    return undefined;
  };
  excel.$toExcel = (data: NDframe, options: ExcelOptions = {}) => {
    const { filePath = "./output.xlsx", sheetName = "Sheet1", writingOptions } = options;
    // The very module that Danfo has loaded.
    const xlsx = createRequire(import.meta.url)("@e965/xlsx") as typeof import("@e965/xlsx");
    const rows = data.$isSeries
      ? (data.values as unknown[]).map((value) => [value])
      : (data.values as unknown[][]);
    const cells = rows.map((row) => row.map((value) => (!isMissing(value) ? value : null)));
    const sheet = xlsx.utils.aoa_to_sheet([data.columns, ...cells], { UTC: true });
    const book = xlsx.utils.book_new();
    xlsx.utils.book_append_sheet(book, sheet, sheetName);
    const bytes = xlsx.write(book, { bookType: "xlsx", ...writingOptions, type: "buffer" });
    writeLocal(filePath, ".xlsx", bytes);
  };
}

/** Writes a file of this machine, whose name gets the ending that Danfo gives it. */
function writeLocal(filePath: string, ending: string, content: string | Uint8Array): void {
  writeNewFileSync(filePath.endsWith(ending) ? filePath : `${filePath}${ending}`, content);
}

/** As RFC 4180 has it; null is an empty field and empty text is `""`. */
function field(value: unknown, separator: string): string {
  if (isMissing(value)) return "";
  const text = String(labelOf(value));
  const isQuoted = text === "" || /["\r\n]/.test(text) || text.includes(separator);
  return isQuoted ? `"${text.replaceAll('"', '""')}"` : text;
}
