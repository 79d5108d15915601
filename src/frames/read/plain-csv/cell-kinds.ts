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
  unwanted: 8,
  /** Not known well enough. */
  doubt: 9,
} as const;

export type CellKind = (typeof CellKind)[keyof typeof CellKind];
