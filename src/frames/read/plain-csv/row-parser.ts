import { CellKind, type CsvPart, type PartColumn } from "./csv-part.ts";
import type { PlainLayout } from "./guess-kinds.ts";
import type { RowsProgram } from "./rows-program.ts";

/** Parses rows of a plain CSV file into columns. */
export class RowParser {
  readonly #program: RowsProgram;
  readonly #columns: number;

  /** @param kinds of all columns of the file */
  constructor(
    program: RowsProgram,
    { delimiter, hasReturns }: PlainLayout,
    kinds: readonly CellKind[],
  ) {
    this.#program = program;
    this.#columns = kinds.length;
    program.begin(kinds.length, delimiter, hasReturns);
    for (const [column, kind] of kinds.entries()) program.setKind(column, kind);
  }

  /** Of all columns of the file. Whole numbers become decimals where a fraction is met. */
  get kinds(): CellKind[] {
    return Array.from({ length: this.#columns }, (_, column) => this.#program.kindOf(column));
  }

  /**
   * Parses rows.
   *
   * @param from where the first one begins in the file
   * @param to where the last one ends, `MOST_BYTES` behind that or before
   * @returns nothing where anything is not certain
   */
  parse(from: number, to: number): CsvPart | undefined {
    const rows = this.#program.parseRows(from, to);
    if (rows < 0) return undefined;
    const columns: PartColumn[] = [];
    for (const [column, kind] of this.kinds.entries()) {
      if (kind !== CellKind.skipped) columns.push(this.#take(column, kind, rows));
    }
    return { rows, columns };
  }

  /** A copy of what the program has of a column. */
  #take(column: number, kind: CellKind, rows: number): PartColumn {
    const program = this.#program;
    const nulls = program.nullsOf(column);
    const valid = new Uint8Array(program.memory, program.validOf(column), Math.ceil(rows / 8));
    return {
      values: valuesIn(program.memory, program.valuesOf(column), kind, rows).slice(),
      valid: nulls > 0 ? valid.slice() : undefined,
      nulls,
      isInt32: kind === CellKind.whole && !program.isWide(column),
    };
  }
}

function valuesIn(memory: SharedArrayBuffer, at: number, kind: CellKind, rows: number) {
  switch (kind) {
    case CellKind.text:
      return new Uint32Array(memory, at, 2 * rows);
    case CellKind.day:
      return new Int32Array(memory, at, rows);
    case CellKind.boolean:
      return new Uint8Array(memory, at, rows);
    case CellKind.empty:
      return new Uint8Array(0);
    default:
      return new Float64Array(memory, at, rows);
  }
}
