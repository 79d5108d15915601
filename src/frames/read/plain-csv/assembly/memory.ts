// What lies where in the memory of the program, in bytes from its beginning: the file at its end, and
// before that what is needed to parse some of its rows.

/** Bytes of rows that are parsed at once. */
export const MOST_BYTES: i32 = 0x10_0000;
export const MOST_COLUMNS: i32 = 4096;

/** One record for each column of the file. */
const COLUMNS: usize = 0x1_0000;
const RECORD: usize = 20;
/** One bit for each byte of the rows, set where a cell ends. */
export const ENDS: usize = COLUMNS + <usize>MOST_COLUMNS * RECORD;
/** The last bytes of the rows, and blanks behind them. */
export const REST: usize = ENDS + <usize>(MOST_BYTES / 8) + 64;
/** The values of all columns. */
const VALUES: usize = REST + 64;
/** The values of one column as a page. */
export const PAGE: usize = 0xa0_0000;
/** Of each text of a column which one it is of those at `PAGE`, 16 bits each. */
export const IDS: usize = 0xd8_0000;
/** Texts that were met. */
export const KNOWN: usize = 0xf0_0000;
/** All of the file, whose bytes arrive one after the other. */
export const FILE: usize = 0x100_0000;

/** A number, or where a text begins and how many bytes it has. */
const WIDEST: usize = 8;
/** Keeps the columns out of each other's cache lines. */
const BETWEEN: usize = 192;

@unmanaged
export class Column {
  kind: u8;
  /** Whether some whole number needs more than 32 bits. */
  isWide: bool;
  /** Whether its texts are too many different ones to number them. */
  isVaried: bool;
  /** How many columns from it on are skipped. */
  run: i32;
  nulls: i32;
  values: usize;
  /** One bit a row, set where there is a value. It is written when the first null is met. */
  valid: usize;
}

export function columnAt(index: i32): Column {
  return changetype<Column>(COLUMNS + <usize>index * RECORD);
}

/** Most rows that so many columns can have: behind each cell is a byte. */
function mostRows(columns: i32): usize {
  return <usize>(MOST_BYTES / columns + 1);
}

export function validBytes(columns: i32): usize {
  return (mostRows(columns) + 7) / 8;
}

/** Gives each column its place. */
export function layOut(columns: i32): void {
  let at = VALUES;
  for (let index = 0; index < columns; index++) {
    const column = columnAt(index);
    column.values = at;
    column.valid = at + mostRows(columns) * WIDEST;
    at = (column.valid + validBytes(columns) + BETWEEN) & ~63;
  }
}

export function isValid(column: Column, row: i32): bool {
  if (column.nulls === 0) return true;
  return ((load<u8>(column.valid + (<usize>row >> 3)) >> <u8>(row & 7)) & 1) !== 0;
}
