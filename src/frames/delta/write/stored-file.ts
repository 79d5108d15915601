import { type FileHandle, open } from "node:fs/promises";
import type { DuckDBTypeId } from "@duckdb/node-api";
import { EnginePart } from "../../read/values/engine-part.ts";
import type { ColumnType } from "../../sql/frame-types.ts";
import type { StoredTable } from "../../sql/stored-table.ts";
import { yieldRegularly } from "../../sql/yield-regularly.ts";
import { MAGIC, type ParquetColumn, ParquetLayout } from "../../write/parquet/layout.ts";
import { type Bounds, mergeBounds } from "./column-bounds.ts";
import { roomForRows } from "./dense-values.ts";
import { DictionaryMemory, hasLongText, MOST_VALUES } from "./dictionary.ts";
import { encodeColumn } from "./stored-column.ts";

// A dataframe that still is as the engine gave it, as a Parquet file: from the engine's memory and
// without the engine, which would take the rows in again first.

const STORED: Readonly<Record<ColumnType, ParquetColumn["type"]>> = {
  text: "text",
  boolean: "boolean",
  int: "int32",
  bigint: "int64",
  double: "double",
  date: "date",
  timestamp: "microseconds",
};

/** Rows that a reader takes at once. */
const GROUP_ROWS = 2 ** 18;

/**
 * Writes a file that is not there yet.
 *
 * @param names of the columns in the file, in the order of the table's columns
 * @returns what is known of each column's values; nothing where texts hardly repeat, and the file is
 *   of no use: the engine compresses them
 */
export async function writeStoredFile(
  path: string,
  { columns, types, chunks }: StoredTable,
  names: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly Bounds[] | undefined> {
  const typeIds = columns.map(({ typeId }) => typeId);
  if (hasLongTexts(typeIds, chunks)) return undefined;
  const groups = inGroups(chunks);
  const most = Math.max(...groups.map(rowsOf));
  // One column is written while the next one is encoded.
  let [memory, other] = [roomForRows(most), roomForRows(most)];
  const dictionaryMemory = new DictionaryMemory(most);
  const layout = new ParquetLayout(
    names.map((name, index) => ({ name, type: STORED[types[index] ?? "text"] })),
  );
  const bounds: Bounds[] = [];
  const pause = yieldRegularly(signal);
  const file = await open(path, "wx", 0o600);
  let writing = writeAll(file, [MAGIC]);
  try {
    for (const group of groups) {
      const rows = rowsOf(group);
      for (const [index, type] of types.entries()) {
        await pause();
        const parts = group.map((chunk) => new EnginePart(chunk, index, typeIds[index] ?? 0));
        const encoded = encodeColumn(parts, type, rows, memory, dictionaryMemory);
        if (!encoded) return undefined;
        layout.add(encoded.pages, rows);
        const known = bounds[index];
        bounds[index] = known ? mergeBounds(known, encoded.bounds) : encoded.bounds;
        await writing;
        writing = writeAll(file, encoded.pages.content);
        writing.catch(() => {}); // thrown where it is awaited
        [memory, other] = [other, memory];
      }
    }
    await writing;
    await writeAll(file, [layout.end()]);
    return bounds;
  } finally {
    await writing.catch(() => {});
    await file.close();
  }
}

/** Writes pieces at the end of a file. */
async function writeAll(file: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  const size = pieces.reduce((sum, { length }) => sum + length, 0);
  const { bytesWritten } = await file.writev(pieces);
  if (bytesWritten < size) await file.appendFile(Buffer.concat(pieces).subarray(bytesWritten));
}

/** Whether there are many texts that lie in memory one by one, though they may be alike. */
function hasLongTexts(typeIds: readonly DuckDBTypeId[], chunks: StoredTable["chunks"]): boolean {
  const [chunk] = chunks;
  if (!chunk || rowsOf(chunks) <= MOST_VALUES) return false;
  return typeIds.some((typeId, index) => {
    const part = new EnginePart(chunk, index, typeId);
    const hasLong = hasLongText(part);
    part.release();
    return hasLong;
  });
}

function rowsOf(chunks: StoredTable["chunks"]): number {
  return chunks.reduce((sum, { rowCount }) => sum + rowCount, 0);
}

function inGroups(chunks: StoredTable["chunks"]): StoredTable["chunks"][] {
  const groups: StoredTable["chunks"][number][][] = [];
  let rows = GROUP_ROWS;
  for (const chunk of chunks) {
    if (rows + chunk.rowCount > GROUP_ROWS) {
      groups.push([]);
      rows = 0;
    }
    groups.at(-1)?.push(chunk);
    rows += chunk.rowCount;
  }
  return groups;
}
