import type { Columns } from "../values/fetch-columns.ts";
import { CellKind } from "./cell-kinds.ts";
import { CsvColumn } from "./csv-column.ts";
import type { PartColumn } from "./csv-part.ts";
import type { PlainResult } from "./plain-reader.ts";

/**
 * What was read of a file, as columns.
 *
 * @param bytes of the file
 */
export function columnsOf({ names, kinds, parts }: PlainResult, bytes: Uint8Array): Columns {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const columns = names.map((name, index) => {
    const own = parts.map((part) => ({
      rows: part.rows,
      ...(part.columns[index] as PartColumn),
    }));
    return new CsvColumn(name, kinds[index] ?? CellKind.empty, own, bytes);
  });
  return { rows, columns };
}
