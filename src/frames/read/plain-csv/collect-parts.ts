import { CellKind, type CsvPart, type PartColumn } from "./csv-part.ts";
import type { RowParser, RowSink } from "./row-parser.ts";

/** Keeps all that is parsed, in memory that threads share: it is passed on as it is. */
export class PartCollector implements RowSink {
  readonly #spans: CsvPart[][] = [];

  add(rows: RowParser, span: number): void {
    const columns = rows.columns.map(({ index, kind }) => {
      if (kind === CellKind.text) rows.shareTexts(index);
      return copyOf(rows.columnAt(index));
    });
    this.#spans[span] ??= [];
    this.#spans[span].push({ rows: rows.rows, columns });
  }

  /** In the order of the file. */
  get parts(): CsvPart[] {
    return this.#spans.flat();
  }
}

function copyOf(column: PartColumn): PartColumn {
  const { values, valid } = column;
  return { ...column, values: sharedCopy(values), valid: valid && sharedCopy(valid) };
}

function sharedCopy<View extends PartColumn["values"]>(view: View): View {
  const memory = new SharedArrayBuffer(view.byteLength);
  Buffer.from(view.buffer, view.byteOffset, view.byteLength).copy(Buffer.from(memory));
  const Same = view.constructor as new (memory: SharedArrayBuffer) => View;
  return new Same(memory);
}
