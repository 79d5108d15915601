import {
  FALLBACK,
  readBoolean,
  readDay,
  readDecimal,
  readInstant,
  readMoment,
  readWhole,
} from "./cells.ts";
import { CellKind, type CsvPart, type PartColumn, roomFor } from "./csv-part.ts";
import { NEWLINE, type PlainLayout, RETURN } from "./guess-kinds.ts";

const QUOTE = 0x22;
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
  /** By column: how many that nobody wants begin with it. */
  readonly #skipped: Int32Array;
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
    this.#ofText[QUOTE] = 0;
    this.#ofText[layout.delimiter] = 0;
    this.#skipped = new Int32Array(kinds.length);
    for (let column = kinds.length - 1; column >= 0; column--) {
      if (kinds[column] !== CellKind.skipped) continue;
      this.#skipped[column] = 1 + (this.#skipped[column + 1] ?? 0);
    }
    this.#begin();
  }

  /**
   * Parses the rows from `from` to `end`, where a line ends.
   *
   * @returns false where anything is not certain
   */
  parse(from: number, end: number): boolean {
    for (let at = from; at < end; ) {
      if (this.#row === ROWS) this.#finishPart();
      at = this.#parseRows(at, end);
      if (at === FALLBACK) return false;
    }
    return true;
  }

  /** Makes a part of the last rows. */
  finish(): void {
    if (this.#row > 0) this.#finishPart();
  }

  /**
   * Parses rows from `from` to `end`, or until the part is full.
   *
   * @returns where the next row begins
   */
  #parseRows(from: number, end: number): number {
    // All that is used for each cell is at hand, which makes this twice as fast.
    const bytes = this.#bytes;
    const ofText = this.#ofText;
    const skipped = this.#skipped;
    const values = this.#values;
    const kinds = Uint8Array.from(this.kinds);
    const { delimiter, hasReturns } = this.#layout;
    const lineEnd = hasReturns ? RETURN : NEWLINE;
    // Most of what texts are made of is told by this alone.
    const above = Math.max(QUOTE, delimiter);
    const columns = kinds.length;
    let row = this.#row;
    let at = from;
    for (; at < end && row < ROWS; row++) {
      for (let column = 0; column < columns; column++) {
        let remaining = skipped[column] as number;
        if (remaining > 0) {
          column += remaining - 1;
          if (column === columns - 1) remaining -= 1;
          // All of these cells at once, up to the delimiter behind them or the last cell.
          while (remaining > 0) {
            const byte = bytes[at++] as number;
            if (byte > above || ofText[byte] === 1) continue;
            if (byte !== delimiter) return FALLBACK;
            remaining -= 1;
          }
          if (column < columns - 1) continue;
          while ((bytes[at] as number) > above || ofText[bytes[at] as number] === 1) at += 1;
          if (bytes[at++] !== lineEnd) return FALLBACK;
          break;
        }
        const stop = column === columns - 1 ? lineEnd : delimiter;
        const start = at;
        if (bytes[at] === stop) this.#addNull(column, row);
        else {
          switch (kinds[column]) {
            case CellKind.whole:
              at = readWhole(bytes, start, values[column] as Float64Array, row);
              if (at !== FALLBACK && bytes[at] === stop) break;
              kinds[column] = CellKind.decimal;
              this.kinds[column] = CellKind.decimal;
              at = readDecimal(bytes, start, values[column] as Float64Array, row);
              break;
            case CellKind.decimal:
              at = readDecimal(bytes, start, values[column] as Float64Array, row);
              break;
            case CellKind.text: {
              while ((bytes[at] as number) > above || ofText[bytes[at] as number] === 1) at += 1;
              const texts = values[column] as Uint32Array;
              texts[2 * row] = start;
              texts[2 * row + 1] = at - start;
              break;
            }
            case CellKind.day:
              at = readDay(bytes, start, values[column] as Int32Array, row);
              break;
            case CellKind.moment:
              at = readMoment(bytes, start, values[column] as Float64Array, row);
              break;
            case CellKind.instant:
              at = readInstant(bytes, start, values[column] as Float64Array, row);
              break;
            case CellKind.boolean:
              at = readBoolean(bytes, start, values[column] as Uint8Array, row);
              break;
            default:
              return FALLBACK;
          }
          if (at === FALLBACK || bytes[at] !== stop) return FALLBACK;
        }
        at += 1;
      }
      if (hasReturns && bytes[at++] !== NEWLINE) return FALLBACK;
    }
    this.#row = row;
    return at;
  }

  #addNull(column: number, row: number): void {
    const valid = this.#valid[column] ?? new Uint8Array(ROWS / 8).fill(0xff);
    this.#valid[column] = valid;
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
      if (kind === CellKind.skipped) continue;
      const all = this.#values[column] as PartColumn["values"];
      // The last part keeps no more than it needs.
      const values = rows === ROWS ? all : all.slice(0, all.length * (rows / ROWS));
      const isInt32 = kind === CellKind.whole && areInt32(values);
      columns.push({
        values,
        valid: this.#valid[column],
        nulls: this.#nulls[column] ?? 0,
        isInt32,
      });
    }
    this.parts.push({ rows, columns });
    this.#begin();
  }
}

/** Where there is no value, there is a 0. */
function areInt32(values: PartColumn["values"]): boolean {
  for (const value of values) if (value !== (value | 0)) return false;
  return true;
}
