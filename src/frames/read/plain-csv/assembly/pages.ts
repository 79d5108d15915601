import { BOOLEAN, DAY, DECIMAL, EMPTY, TEXT } from "./kinds";
import { Column, columnAt, FILE, isValid, PAGE } from "./memory";

/**
 * Puts the values of a column to `PAGE` as a Parquet file has them in its plain encoding: one behind
 * the other, nulls left out.
 *
 * @returns how many bytes they have
 */
export function makePage(index: i32, rows: i32): i32 {
  const column = columnAt(index);
  switch (column.kind) {
    case TEXT:
      return <i32>(addTexts(column, rows) - PAGE);
    case DECIMAL:
      return <i32>(addNumbers<f64, f64>(column, rows) - PAGE);
    case DAY:
      return <i32>(addNumbers<i32, i32>(column, rows) - PAGE);
    case BOOLEAN:
      return <i32>(addBits(column, rows) - PAGE);
    case EMPTY:
      return 0;
    default:
      return <i32>(addNumbers<f64, i64>(column, rows) - PAGE);
  }
}

/** The length of each, and its bytes. */
function addTexts(column: Column, rows: i32): usize {
  let to = PAGE;
  for (let row = 0; row < rows; row++) {
    if (!isValid(column, row)) continue;
    const place = column.values + ((<usize>row) << 3);
    to = addText(load<u32>(place), load<u32>(place, 4), to);
  }
  return to;
}

/** @returns where the next one goes */
export function addText(start: u32, length: u32, to: usize): usize {
  store<u32>(to, length);
  to += 4;
  const from = FILE + <usize>start;
  // What is copied behind it is written over.
  for (let at: usize = 0; at < length; at += 16) v128.store(to + at, v128.load(from + at));
  return to + length;
}

/** Each as it is stored, from how it is held. */
function addNumbers<Held, Stored>(column: Column, rows: i32): usize {
  let to = PAGE;
  for (let row = 0; row < rows; row++) {
    if (!isValid(column, row)) continue;
    const held = load<Held>(column.values + <usize>row * sizeof<Held>());
    store<Stored>(to, <Stored>held);
    to += sizeof<Stored>();
  }
  return to;
}

/** Eight in a byte, the first one lowest. */
function addBits(column: Column, rows: i32): usize {
  let count: usize = 0;
  for (let row = 0; row < rows; row++) {
    if (!isValid(column, row)) continue;
    const place = PAGE + (count >> 3);
    const before = (count & 7) === 0 ? <u8>0 : load<u8>(place);
    store<u8>(place, before | (load<u8>(column.values + <usize>row) << (<u8>(count & 7))));
    count += 1;
  }
  return PAGE + ((count + 7) >> 3);
}
