import { CellKind, type PartColumn } from "./csv-part.ts";
import type { PlainLayout } from "./guess-kinds.ts";
import { IDS, PAGE, type RowsProgram } from "./rows-program.ts";

/** A column that is parsed. */
export interface ParsedColumn {
  /** Its place in the file. */
  readonly index: number;
  readonly name: string;
  readonly kind: CellKind;
}

/** Where in the file a cell begins that is not of its column's kind. */
export interface OddCell {
  readonly column: number;
  readonly start: number;
}

/** Different texts, and for each text that is not null its number among them. */
export interface TextDictionary {
  readonly count: number;
  /** The length of each, and its bytes. */
  readonly values: Uint8Array;
  readonly ids: Uint16Array;
}

/** Takes rows when they are parsed, all of a span in their order. */
export interface RowSink {
  /** @param span its number in the order of the file */
  add(rows: RowParser, span: number): void;
}

/**
 * Parses rows of a plain CSV file into columns. What it has of these are views of its memory, which
 * are good until it parses again.
 */
export class RowParser {
  readonly #program: RowsProgram;
  readonly #names: readonly string[];
  #rows = 0;

  /** @param kinds of all columns of the file */
  constructor(
    program: RowsProgram,
    { names, delimiter, hasReturns }: PlainLayout,
    kinds: readonly CellKind[],
  ) {
    this.#program = program;
    this.#names = names;
    program.begin(kinds.length, delimiter, hasReturns);
    for (const [column, kind] of kinds.entries()) program.setKind(column, kind);
  }

  /** Of all columns of the file. Whole numbers become decimals where a fraction is met. */
  get kinds(): CellKind[] {
    return this.#names.map((_, index) => this.#program.kindOf(index));
  }

  /** Those that are asked for, in their order in the file. */
  get columns(): ParsedColumn[] {
    const all = this.kinds.map((kind, index) => ({ index, name: this.#names[index] ?? "", kind }));
    return all.filter(({ kind }) => kind !== CellKind.skipped);
  }

  /** How many were parsed last. */
  get rows(): number {
    return this.#rows;
  }

  /**
   * Parses rows.
   *
   * @param from where the first one begins in the file
   * @param to where the last one ends, `MOST_BYTES` behind that or before
   * @returns false where anything is not certain
   */
  parse(from: number, to: number): boolean {
    const rows = this.#program.parseRows(from, to);
    this.#rows = Math.max(0, rows);
    return rows >= 0;
  }

  /** The cell that is not of its column's kind, for which rows were not parsed last; if that was why. */
  get oddCell(): OddCell | undefined {
    const column = this.#program.oddCellColumn();
    if (column < 0) return undefined;
    return { column, start: this.#program.oddCellStart() };
  }

  /** What was parsed last of one column, by its place in the file. */
  columnAt(column: number): PartColumn {
    const program = this.#program;
    const kind = program.kindOf(column);
    const nulls = program.nullsOf(column);
    return {
      values: this.#valuesAt(program.valuesOf(column), kind),
      valid:
        nulls > 0 ? this.#bytesAt(program.validOf(column), Math.ceil(this.#rows / 8)) : undefined,
      nulls,
      isInt32: kind === CellKind.whole && !program.isWide(column),
    };
  }

  /** Where texts of a column are the same, has all of them begin where the first one does. */
  shareTexts(column: number): void {
    this.#program.shareTexts(column, this.#rows);
  }

  /**
   * The values of that, nulls left out, as a Parquet file has them in its plain encoding. Only one
   * such view is good at a time.
   */
  pageOf(column: number): Uint8Array {
    return this.#bytesAt(PAGE, this.#program.makePage(column, this.#rows));
  }

  /**
   * The texts of that as a Parquet file has them with a dictionary. It is good as long as a page is.
   *
   * @returns nothing where they are no texts, or too many different ones
   */
  dictionaryOf(column: number): TextDictionary | undefined {
    const program = this.#program;
    const count = program.makeDictionary(column, this.#rows);
    if (count === 0) return undefined;
    const texts = this.#rows - program.nullsOf(column);
    return {
      count,
      values: this.#bytesAt(PAGE, program.dictionarySize()),
      ids: new Uint16Array(program.memory, IDS, texts),
    };
  }

  #bytesAt(at: number, length: number): Uint8Array {
    return new Uint8Array(this.#program.memory, at, length);
  }

  #valuesAt(at: number, kind: CellKind): PartColumn["values"] {
    const { memory } = this.#program;
    switch (kind) {
      case CellKind.text:
        return new Uint32Array(memory, at, 2 * this.#rows);
      case CellKind.day:
        return new Int32Array(memory, at, this.#rows);
      case CellKind.boolean:
        return new Uint8Array(memory, at, this.#rows);
      case CellKind.empty:
        return new Uint8Array(0);
      default:
        return new Float64Array(memory, at, this.#rows);
    }
  }
}
