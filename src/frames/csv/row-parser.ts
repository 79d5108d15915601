import { CellKind } from "./cell-kinds.ts";
import {
  DOUBT,
  readBoolean,
  readDay,
  readDecimal,
  readInstant,
  readMoment,
  readWhole,
} from "./cells.ts";
import { NEWLINE, type PlainLayout, RETURN } from "./csv-layout.ts";
import { type CsvPart, type PartColumn, roomFor } from "./csv-part.ts";

/** Rows of a part; the last one may have fewer. */
const ROWS = 2 ** 15;

/** Parses rows of a plain CSV file into columns. */
export class RowParser {
  /** Those that are full. */
  readonly parts: CsvPart[] = [];
  /** Of all columns of the file. Whole numbers become decimals where a fraction is met. */
  readonly kinds: CellKind[];
  readonly #bytes: Uint8Array;
  readonly #layout: PlainLayout;
  /** By byte: 1 for what a text goes on with. */
  readonly #ofText: Uint8Array;
  #values: PartColumn["values"][] = [];
  #valid: (Uint8Array | undefined)[] = [];
  #nulls: Int32Array;
  #row = 0;

  /** @param bytes of the file, one behind the other; more of them may come while this parses */
  constructor(bytes: Uint8Array, layout: PlainLayout, kinds: readonly CellKind[]) {
    this.#bytes = bytes;
    this.#layout = layout;
    this.kinds = [...kinds];
    this.#nulls = new Int32Array(kinds.length);
    this.#ofText = new Uint8Array(256).fill(1, 0x20);
    this.#ofText[0x09] = 1;
    this.#ofText[0x22] = 0;
    this.#ofText[layout.delimiter] = 0;
    this.#begin();
  }

  /**
   * Parses the rows from `from` to `end`, where a line ends.
   *
   * @returns false where anything is in doubt
   */
  parse(from: number, end: number): boolean {
    for (let at = from; at < end; ) {
      if (this.#row === ROWS) this.#finishPart();
      at = this.#parseRow(at);
      if (at === DOUBT) return false;
      this.#row += 1;
    }
    return true;
  }

  /** Makes a part of the last rows. */
  finish(): void {
    if (this.#row > 0) this.#finishPart();
  }

  /** @returns where the next row begins */
  #parseRow(from: number): number {
    const bytes = this.#bytes;
    const { delimiter, hasReturns } = this.#layout;
    const last = this.kinds.length - 1;
    let at = from;
    for (let column = 0; column < last; column++) {
      if (bytes[at] === delimiter) this.#addNull(column);
      else {
        at = this.#parseCell(at, column);
        if (at === DOUBT || bytes[at] !== delimiter) return DOUBT;
      }
      at += 1;
    }
    const lineEnd = hasReturns ? RETURN : NEWLINE;
    if (bytes[at] === lineEnd) this.#addNull(last);
    else {
      at = this.#parseCell(at, last);
      if (at === DOUBT || bytes[at] !== lineEnd) return DOUBT;
    }
    if (!hasReturns) return at + 1;
    return bytes[at + 1] === NEWLINE ? at + 2 : DOUBT;
  }

  #parseCell(at: number, column: number): number {
    const bytes = this.#bytes;
    const row = this.#row;
    const values = this.#values[column];
    switch (this.kinds[column]) {
      case CellKind.whole: {
        const end = readWhole(bytes, at, values as Float64Array, row);
        if (end !== DOUBT && bytes[end] !== 0x2e) return end;
        this.kinds[column] = CellKind.decimal;
        return readDecimal(bytes, at, values as Float64Array, row);
      }
      case CellKind.decimal:
        return readDecimal(bytes, at, values as Float64Array, row);
      case CellKind.boolean:
        return readBoolean(bytes, at, values as Uint8Array, row);
      case CellKind.day:
        return readDay(bytes, at, values as Int32Array, row);
      case CellKind.moment:
        return readMoment(bytes, at, values as Float64Array, row);
      case CellKind.instant:
        return readInstant(bytes, at, values as Float64Array, row);
      case CellKind.text: {
        const end = this.#endOfText(at);
        const texts = values as Uint32Array;
        texts[2 * row] = at;
        texts[2 * row + 1] = end - at;
        return end;
      }
      case CellKind.unwanted:
        return this.#endOfText(at);
      default:
        return DOUBT;
    }
  }

  #endOfText(at: number): number {
    const bytes = this.#bytes;
    const ofText = this.#ofText;
    let end = at;
    while (ofText[bytes[end] as number] === 1) end += 1;
    return end;
  }

  #addNull(column: number): void {
    const valid = this.#valid[column] ?? new Uint8Array(ROWS / 8).fill(0xff);
    this.#valid[column] = valid;
    const row = this.#row;
    valid[row >> 3] = (valid[row >> 3] as number) & ~(1 << (row & 7));
    this.#nulls[column] = (this.#nulls[column] as number) + 1;
  }

  #begin(): void {
    this.#row = 0;
    this.#values = this.kinds.map((kind) => roomFor(kind, ROWS));
    this.#valid = this.kinds.map(() => undefined);
    this.#nulls.fill(0);
  }

  #finishPart(): void {
    const rows = this.#row;
    const columns: PartColumn[] = [];
    for (const [column, kind] of this.kinds.entries()) {
      if (kind === CellKind.unwanted) continue;
      const all = this.#values[column] as PartColumn["values"];
      // The last part keeps no more than it needs.
      const values = rows === ROWS ? all : all.slice(0, all.length * (rows / ROWS));
      columns.push({ values, valid: this.#valid[column], nulls: this.#nulls[column] ?? 0 });
    }
    this.parts.push({ rows, columns });
    this.#begin();
  }
}
