import { CellKind } from "./cell-kinds.ts";

/** Consecutive rows of one column. */
export interface PartColumn {
  /**
   * Numbers, days or milliseconds since 1970, 1 or 0 for a boolean; of a text where it begins in
   * the file and how many bytes it has, one after the other.
   */
  readonly values: Float64Array | Int32Array | Uint32Array | Uint8Array;
  /** One bit a row, set where there is a value; absent where there is one in each. */
  readonly valid?: Uint8Array | undefined;
  readonly nulls: number;
  /** Of whole numbers: whether all fit 32 bits. */
  readonly isInt32?: boolean;
}

/** Consecutive rows of a file. */
export interface CsvPart {
  readonly rows: number;
  /** One a column that is wanted, in their order in the file. */
  readonly columns: readonly PartColumn[];
}

/** Room for the values of so many rows. */
export function roomFor(kind: CellKind, rows: number): PartColumn["values"] {
  switch (kind) {
    case CellKind.text:
      return new Uint32Array(2 * rows);
    case CellKind.day:
      return new Int32Array(rows);
    case CellKind.boolean:
      return new Uint8Array(rows);
    case CellKind.empty:
    case CellKind.unwanted:
      return new Uint8Array(0);
    default:
      return new Float64Array(rows);
  }
}
