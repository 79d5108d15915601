/** What the cells of a column are; `null` may be among them in each. */
export const CellKind = {
  /** No cell has anything in it. */
  empty: 0,
  whole: 1,
  decimal: 2,
  boolean: 3,
  day: 4,
  /** A date and a time without a zone. */
  moment: 5,
  /** A date and a time in UTC, with a `Z` at its end. */
  instant: 6,
  text: 7,
  /** Nobody asked for the column. */
  skipped: 8,
  /** Not known well enough. */
  unknown: 9,
} as const;

export type CellKind = (typeof CellKind)[keyof typeof CellKind];

/** Consecutive rows of one column. */
export interface PartColumn {
  /**
   * Numbers, days or milliseconds since 1970, 1 or 0 for a boolean; of a text where it begins in
   * the file, or another that is the same, and how many bytes it has, one after the other.
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
  /** One for each requested column, in their order in the file. */
  readonly columns: readonly PartColumn[];
}

/** The requested columns of a file. */
export interface PlainResult {
  readonly names: readonly string[];
  /** One a name. */
  readonly kinds: readonly CellKind[];
  readonly parts: readonly CsvPart[];
}
