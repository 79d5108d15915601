import type { CsvPart, PartColumn } from "./csv-part.ts";
import type { RowParser, RowSink } from "./row-parser.ts";

/** Keeps all that is parsed. */
export class PartCollector implements RowSink {
  readonly #spans: CsvPart[][] = [];

  add(rows: RowParser, span: number): void {
    const columns = rows.columns.map(({ index }) => copyOf(rows.columnAt(index)));
    this.#spans[span] ??= [];
    this.#spans[span].push({ rows: rows.rows, columns });
  }

  /** In the order of the file. */
  get parts(): CsvPart[] {
    return this.#spans.flat();
  }
}

function copyOf(column: PartColumn): PartColumn {
  return { ...column, values: column.values.slice(), valid: column.valid?.slice() };
}
