import { CellKind, type CsvPart, type PartColumn } from "./csv-part.ts";
import type { RowParser, RowSink } from "./row-parser.ts";

/** Memories that the columns of a part are kept in, at most. */
const MOST_MEMORIES = 16;

/** Keeps all that is parsed, in memory that threads share: it is passed on as it is. */
export class PartCollector implements RowSink {
  readonly #spans: CsvPart[][] = [];

  add(rows: RowParser, span: number): void {
    const columns = rows.columns.map(({ index, kind }) => {
      if (kind === CellKind.text) rows.shareTexts(index);
      return rows.columnAt(index);
    });
    this.#spans[span] ??= [];
    this.#spans[span].push({ rows: rows.rows, columns: copyAll(columns) });
  }

  /** In the order of the file. */
  get parts(): CsvPart[] {
    return this.#spans.flat();
  }
}

/**
 * Each in a memory of its own, which is free as soon as its values are made; but in few where columns
 * are many: with each memory that a message shares, Node.js compares all of those before.
 */
function copyAll(columns: readonly PartColumn[]): PartColumn[] {
  const together = Math.ceil(columns.length / MOST_MEMORIES);
  const copies: PartColumn[] = [];
  while (copies.length < columns.length) {
    copies.push(...sharedCopies(columns.slice(copies.length, copies.length + together)));
  }
  return copies;
}

/** In one memory. */
function sharedCopies(columns: readonly PartColumn[]): PartColumn[] {
  const size = columns.reduce((sum, { values, valid }) => sum + room(values) + room(valid), 0);
  const memory = new SharedArrayBuffer(size);
  const bytes = Buffer.from(memory);
  let at = 0;

  function copy<View extends PartColumn["values"]>(view: View): View {
    Buffer.from(view.buffer, view.byteOffset, view.byteLength).copy(bytes, at);
    const Same = view.constructor as new (memory: SharedArrayBuffer, at: number, n: number) => View;
    const copied = new Same(memory, at, view.length);
    at += room(view);
    return copied;
  }

  return columns.map((column) => {
    const { values, valid } = column;
    return { ...column, values: copy(values), valid: valid && copy(valid) };
  });
}

/** Bytes that a view takes beside others, each of which begins at a multiple of eight. */
function room(view: ArrayBufferView | undefined): number {
  return view ? (view.byteLength + 7) & ~7 : 0;
}
