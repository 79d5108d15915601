import { closeSync, openSync, writevSync } from "node:fs";
import { MAGIC, type ParquetColumn, ParquetLayout } from "../../write/parquet/layout.ts";
import { type ColumnPages, dictionaryPages, plainPages } from "../../write/parquet/pages.ts";
import { CellKind } from "./csv-part.ts";
import type { RowParser, RowSink } from "./row-parser.ts";

const STORED: Partial<Record<CellKind, ParquetColumn["type"]>> = {
  [CellKind.whole]: "int64",
  [CellKind.decimal]: "double",
  [CellKind.boolean]: "boolean",
  [CellKind.day]: "date",
  [CellKind.moment]: "localMilliseconds",
  [CellKind.instant]: "milliseconds",
};

function pagesOf(rows: RowParser, column: number): ColumnPages {
  const { nulls, valid } = rows.columnAt(column);
  const levels = { rows: rows.rows, nulls, valid };
  const dictionary = rows.dictionaryOf(column);
  // The engine groups by the numbers of texts in a quarter of the time that it needs for the texts.
  if (!dictionary) return plainPages(levels, rows.pageOf(column));
  return dictionaryPages(levels, dictionary.values, dictionary.count, dictionary.ids);
}

/**
 * What is parsed of a CSV file as a Parquet file for the engine, without compression: quicker to make
 * and to read than anything else that it takes. Rows are written as soon as they are parsed, each time
 * as one row group; the end of the file puts them into the order of the CSV file.
 */
export class ParquetFile implements RowSink {
  readonly #file: number;
  #layout: ParquetLayout | undefined;
  #kinds: readonly CellKind[] = [];
  /** Of each row group. */
  readonly #spans: number[] = [];
  #hasOtherKinds = false;

  /** @param path of a file that is not there yet */
  constructor(path: string) {
    this.#file = openSync(path, "wx", 0o600);
    this.#write([MAGIC]);
  }

  add(rows: RowParser, span: number): void {
    const { columns } = rows;
    this.#layout ??= this.#begin(columns);
    this.#hasOtherKinds ||= columns.some(({ kind }, index) => kind !== this.#kinds[index]);
    if (this.#hasOtherKinds) return;
    for (const { index } of columns) {
      const pages = pagesOf(rows, index);
      this.#layout.add(pages, rows.rows);
      this.#write(pages.content);
    }
    this.#spans.push(span);
  }

  /**
   * Writes the end.
   *
   * @returns false where a column became of another kind on the way: then the file is of no use
   */
  end(): boolean {
    if (this.#hasOtherKinds || !this.#layout) return false;
    const spanAt = (group: number) => this.#spans[group] ?? 0;
    const order = [...this.#spans.keys()].sort((a, b) => spanAt(a) - spanAt(b));
    this.#write([this.#layout.end(order)]);
    return true;
  }

  close(): void {
    closeSync(this.#file);
  }

  #begin(columns: RowParser["columns"]): ParquetLayout {
    this.#kinds = columns.map(({ kind }) => kind);
    return new ParquetLayout(
      columns.map(({ name, kind }) => ({ name, type: STORED[kind] ?? "text" })),
    );
  }

  #write(content: readonly Uint8Array[]): void {
    let rest = content;
    for (;;) {
      let written = writevSync(this.#file, rest);
      const next = rest.findIndex(({ length }) => {
        if (written < length) return true;
        written -= length;
        return false;
      });
      const first = rest[next];
      if (!first) return;
      rest = [first.subarray(written), ...rest.slice(next + 1)];
    }
  }
}
