import { closeSync, openSync, writeSync } from "node:fs";
import { MAGIC, type ParquetColumn, ParquetLayout } from "../../write/parquet/layout.ts";
import { plainPages } from "../../write/parquet/pages.ts";
import { isValid } from "../values/part.ts";
import { CellKind, type PartColumn } from "./csv-part.ts";
import type { PlainResult } from "./plain-reader.ts";

// What was read of a CSV file, as a Parquet file for the engine, without compression: quicker to
// make and to read than anything else that it takes.

const STORED: Partial<Record<CellKind, ParquetColumn["type"]>> = {
  [CellKind.whole]: "int64",
  [CellKind.decimal]: "double",
  [CellKind.boolean]: "boolean",
  [CellKind.day]: "date",
  [CellKind.moment]: "localMilliseconds",
  [CellKind.instant]: "milliseconds",
};

/**
 * Writes a file that is not there yet, one row group a part.
 *
 * @param bytes of the CSV file
 */
export function writeParquet(
  path: string,
  { names, kinds, parts }: PlainResult,
  bytes: Uint8Array,
): void {
  const layout = new ParquetLayout(
    names.map((name, index) => ({ name, type: STORED[kinds[index] ?? CellKind.empty] ?? "text" })),
  );
  const file = openSync(path, "wx", 0o600);
  try {
    const write = (content: Uint8Array) => {
      for (let done = 0; done < content.length; ) done += writeSync(file, content, done);
    };
    write(MAGIC);
    for (const { rows, columns } of parts) {
      for (const [index, column] of columns.entries()) {
        const kind = kinds[index] ?? CellKind.empty;
        const levels = {
          rows,
          nulls: kind === CellKind.empty ? rows : column.nulls,
          valid: column.valid,
        };
        const pages = plainPages(levels, valuesOf(column, rows, kind, bytes));
        layout.add(pages, rows);
        for (const content of pages.content) write(content);
      }
    }
    write(layout.end());
  } finally {
    closeSync(file);
  }
}

/** The values of those rows that have one. */
function valuesOf(column: PartColumn, rows: number, kind: CellKind, bytes: Uint8Array): Uint8Array {
  const room = roomOf(column, rows, kind);
  if (scratch.length < room) scratch = new Uint8Array(room);
  return scratch.subarray(0, addValues(scratch, column, rows, kind, bytes));
}

/** Memory for the values of a page, used again for the next one. */
let scratch = new Uint8Array();

function roomOf({ values }: PartColumn, rows: number, kind: CellKind): number {
  if (kind !== CellKind.text) return 8 * rows;
  let room = 4 * rows;
  for (let row = 0; row < rows; row++) room += values[2 * row + 1] as number;
  return room;
}

/** @returns where the values end */
function addValues(
  page: Uint8Array,
  { values, valid }: PartColumn,
  rows: number,
  kind: CellKind,
  bytes: Uint8Array,
): number {
  const view = new DataView(page.buffer);
  let at = 0;
  switch (kind) {
    case CellKind.text:
      for (let row = 0; row < rows; row++) {
        if (!isValid(valid, row)) continue;
        const from = values[2 * row] as number;
        const length = values[2 * row + 1] as number;
        view.setUint32(at, length, true);
        at += 4;
        if (length > LONG) page.set(bytes.subarray(from, from + length), at);
        else
          for (let byte = 0; byte < length; byte++) page[at + byte] = bytes[from + byte] as number;
        at += length;
      }
      return at;
    case CellKind.decimal:
      if (!valid) {
        page.set(new Uint8Array(values.buffer, values.byteOffset, 8 * rows), at);
        return at + 8 * rows;
      }
      for (let row = 0; row < rows; row++) {
        if (!isValid(valid, row)) continue;
        view.setFloat64(at, values[row] as number, true);
        at += 8;
      }
      return at;
    case CellKind.day:
      for (let row = 0; row < rows; row++) {
        if (!isValid(valid, row)) continue;
        view.setInt32(at, values[row] as number, true);
        at += 4;
      }
      return at;
    case CellKind.boolean: {
      let count = 0;
      for (let row = 0; row < rows; row++) {
        if (!isValid(valid, row)) continue;
        const place = at + (count >> 3);
        const before = (count & 7) === 0 ? 0 : (page[place] as number);
        page[place] = before | ((values[row] as number) << (count & 7));
        count += 1;
      }
      return at + Math.ceil(count / 8);
    }
    case CellKind.whole:
    case CellKind.moment:
    case CellKind.instant:
      for (let row = 0; row < rows; row++) {
        if (!isValid(valid, row)) continue;
        const value = values[row] as number;
        view.setInt32(at, value | 0, true);
        view.setInt32(at + 4, Math.floor(value / 2 ** 32), true);
        at += 8;
      }
      return at;
    default:
      return at;
  }
}

/** Bytes from which on a copy is quicker than a loop. */
const LONG = 32;
