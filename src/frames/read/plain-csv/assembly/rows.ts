import {
  BOOLEAN,
  DAY,
  DECIMAL,
  EMPTY,
  INSTANT,
  MOMENT,
  SKIPPED,
  TEXT,
  UNKNOWN,
  WHOLE,
} from "./kinds";
import { markEnds } from "./mark-ends";
import {
  Column,
  columnAt,
  ENDS,
  FILE,
  IDS,
  layOut,
  MOST_BYTES,
  MOST_COLUMNS,
  PAGE,
  validBytes,
} from "./memory";
import { readDecimal, readWhole } from "./numbers";
import { forgetTexts } from "./texts";
import { NO_DAY, readDay, readMoment } from "./times";

// The program that parses rows of a plain CSV file: where cells end is found for sixteen bytes at
// once, then each goes to its column. Its caller puts the file to `FILE`, and takes the values away.

export { makePage } from "./pages";
export { dictionarySize, makeDictionary, shareTexts } from "./texts";
export { FILE, IDS, MOST_BYTES, MOST_COLUMNS, PAGE };

const NEWLINE: u8 = 0x0a;

let columns: i32 = 0;
let delimiter: u8 = 0;
let hasReturns: bool = false;

/** The cell that was not of its column's kind, for which rows were not parsed last; -1 where that was not why. */
let oddColumn: i32 = -1;
let oddStart: u32 = 0;

export function oddCellColumn(): i32 {
  return oddColumn;
}

export function oddCellStart(): u32 {
  return oddStart;
}

/** Begins a file. The kind of each column has to be told next. */
export function begin(ofColumns: i32, byDelimiter: u8, withReturns: bool): void {
  columns = ofColumns;
  delimiter = byDelimiter;
  hasReturns = withReturns;
  layOut(columns);
  for (let index = 0; index < columns; index++) columnAt(index).isVaried = false;
  forgetTexts();
}

export function setKind(column: i32, kind: u8): void {
  columnAt(column).kind = kind;
}

/** Whole numbers become decimals where a fraction is met. */
export function kindOf(column: i32): u8 {
  return columnAt(column).kind;
}

export function valuesOf(column: i32): usize {
  return columnAt(column).values;
}

export function validOf(column: i32): usize {
  return columnAt(column).valid;
}

export function nullsOf(column: i32): i32 {
  return columnAt(column).nulls;
}

export function isWide(column: i32): bool {
  return columnAt(column).isWide;
}

/**
 * Parses rows, the last of which has its line end.
 *
 * @param from where they begin in the file
 * @param to where they end, `MOST_BYTES` behind that or before
 * @returns how many they are, or -1 where the strict reading has to tell what is there
 */
export function parseRows(from: u32, to: u32): i32 {
  oddColumn = -1;
  let at = FILE + <usize>from;
  const stop = FILE + <usize>to;
  const lines = markEnds(at, stop - at, delimiter, hasReturns);
  if (lines < 0) return -1;
  beginRows();
  const last = columns - 1;
  let word = ENDS;
  let ofWord = at;
  let ends = load<u64>(word);
  let row: i32 = 0;
  for (; at < stop; row++) {
    let next: usize = 0;
    for (let index = 0; index < columns; index++) {
      const column = columnAt(index);
      // All that are skipped here are passed at once.
      let passed = column.run - 1;
      if (passed > 0) {
        index += passed;
        for (let here = <i32>popcnt(ends); here < passed; here = <i32>popcnt(ends)) {
          passed -= here;
          word += 8;
          ofWord += 64;
          if (ofWord >= stop) return -1;
          ends = load<u64>(word);
        }
        for (; passed > 0; passed--) ends &= ends - 1;
      }
      while (ends === 0) {
        word += 8;
        ofWord += 64;
        if (ofWord >= stop) return -1;
        ends = load<u64>(word);
      }
      next = ofWord + <usize>ctz(ends);
      ends &= ends - 1;
      if (column.kind !== SKIPPED) {
        const end = index === last ? next - <usize>hasReturns : next;
        if (end === at) addNull(column, row);
        else if (!addCell(column, row, at, end)) {
          oddColumn = index;
          oddStart = <u32>(at - FILE);
          return -1;
        }
      }
      at = next + 1;
    }
    if (load<u8>(next) !== NEWLINE) return -1;
  }
  // Each row ends with a newline, so that with as many of them as rows none has another.
  return row === lines ? row : -1;
}

function beginRows(): void {
  let run: i32 = 0;
  for (let index = columns - 1; index >= 0; index--) {
    const column = columnAt(index);
    run = column.kind === SKIPPED ? run + 1 : 0;
    column.run = run;
    column.nulls = 0;
    column.isWide = false;
  }
}

/**
 * Reads a cell as what its column is of. Whoever reads has one caller, so that it is compiled into this.
 *
 * @returns false where it is not that
 */
function addCell(column: Column, row: i32, at: usize, end: usize): bool {
  switch (column.kind) {
    case TEXT: {
      const place = column.values + ((<usize>row) << 3);
      store<u32>(place, <u32>(at - FILE));
      store<u32>(place, <u32>(end - at), 4);
      return true;
    }
    case WHOLE: {
      const value = readWhole(at, end);
      if (value === value) {
        if (<f64>(<i32>(<i64>value)) !== value) column.isWide = true;
        store<f64>(column.values + ((<usize>row) << 3), value);
        return true;
      }
      column.kind = DECIMAL;
      // falls through
    }
    case DECIMAL: {
      const value = readDecimal(at, end);
      store<f64>(column.values + ((<usize>row) << 3), value);
      return value === value;
    }
    case MOMENT:
    case INSTANT: {
      const value = readMoment(at, end, column.kind === INSTANT);
      store<f64>(column.values + ((<usize>row) << 3), value);
      return value === value;
    }
    case DAY: {
      const day = readDay(at, end);
      store<i32>(column.values + ((<usize>row) << 2), day);
      return day !== NO_DAY;
    }
    case BOOLEAN: {
      const value = readBoolean(at, end);
      store<u8>(column.values + <usize>row, value);
      return value !== NEITHER;
    }
    default:
      return false;
  }
}

function addNull(column: Column, row: i32): void {
  if (column.nulls === 0) memory.fill(column.valid, 0xff, validBytes(columns));
  column.nulls += 1;
  const place = column.valid + (<usize>row >> 3);
  store<u8>(place, load<u8>(place) & ~((<u8>1) << (<u8>(row & 7))));
  if (column.kind === EMPTY) return;
  if (column.kind === BOOLEAN) store<u8>(column.values + <usize>row, 0);
  else if (column.kind === DAY) store<i32>(column.values + ((<usize>row) << 2), 0);
  else store<u64>(column.values + ((<usize>row) << 3), 0);
}

const NEITHER: u8 = 2;

/** `true` or `false` as 1 or 0, in small letters, in capitals, or with one at the beginning. */
function readBoolean(at: usize, end: usize): u8 {
  const length = end - at;
  if (length !== 4 && length !== 5) return NEITHER;
  const word = load<u32>(at);
  if (length === 4) {
    return word === 0x6575_7274 || word === 0x6575_7254 || word === 0x4555_5254 ? 1 : NEITHER;
  }
  const isSmall = load<u8>(at, 4) === 0x65 && (word === 0x736c_6166 || word === 0x736c_6146);
  return isSmall || (load<u8>(at, 4) === 0x45 && word === 0x534c_4146) ? 0 : NEITHER;
}

/** What a cell of the file is by itself, if it is not text. To be asked before `begin`. */
export function guess(from: u32, to: u32): u8 {
  layOut(1);
  const column = columnAt(0);
  for (let kind = WHOLE; kind < TEXT; kind++) {
    column.kind = kind;
    if (addCell(column, 0, FILE + <usize>from, FILE + <usize>to)) return column.kind;
  }
  return UNKNOWN;
}
