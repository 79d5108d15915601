import { ENDS, REST } from "./memory";

const QUOTE: u8 = 0x22;
const SPACE: u8 = 0x20;
const TAB: u8 = 0x09;
const NEWLINE: u8 = 0x0a;
const RETURN: u8 = 0x0d;

/**
 * Sets the bits of `ENDS` where a delimiter or a newline is.
 *
 * @param rows where they begin; the last one has its line end
 * @param length of all of them
 * @param hasReturns whether a carriage return is before each newline, and nowhere else
 * @returns how many newlines there are; -1 where a quote, a control character or a line end is that does
 * not belong there
 */
export function markEnds(rows: usize, length: usize, delimiter: u8, hasReturns: bool): i32 {
  const delimiters = i8x16.splat(delimiter);
  const newlines = i8x16.splat(NEWLINE);
  const returns = i8x16.splat(RETURN);
  const tabs = i8x16.splat(TAB);
  const quotes = i8x16.splat(QUOTE);
  const spaces = i8x16.splat(SPACE);
  let odd = i8x16.splat(0);
  let stray: u64 = 0;
  let carried: u64 = 0;
  let lines: u64 = 0;
  for (let at: usize = 0; at < length; at += 64) {
    let block = rows + at;
    if (length - at < 64) {
      // What is behind the rows may be anything.
      memory.copy(REST, block, length - at);
      memory.fill(REST + length - at, SPACE, 64 - (length - at));
      block = REST;
    }
    let ends: u64 = 0;
    let ofNewlines: u64 = 0;
    let ofReturns: u64 = 0;
    for (let place: usize = 0; place < 64; place += 16) {
      const bytes = v128.load(block + place);
      const isNewline = i8x16.eq(bytes, newlines);
      const isReturn = i8x16.eq(bytes, returns);
      const isEnd = v128.or(i8x16.eq(bytes, delimiters), isNewline);
      const isKnown = v128.or(v128.or(isEnd, isReturn), i8x16.eq(bytes, tabs));
      odd = v128.or(odd, i8x16.eq(bytes, quotes));
      odd = v128.or(odd, v128.andnot(i8x16.lt_u(bytes, spaces), isKnown));
      ends |= bitsOf(isEnd) << place;
      ofReturns |= bitsOf(isReturn) << place;
      ofNewlines |= bitsOf(isNewline) << place;
    }
    store<u64>(ENDS + (at >> 3), ends);
    lines += popcnt(ofNewlines);
    stray |= hasReturns ? ofNewlines ^ ((ofReturns << 1) | carried) : ofReturns;
    carried = ofReturns >> 63;
  }
  return v128.any_true(odd) || stray !== 0 || carried !== 0 ? -1 : <i32>lines;
}

function bitsOf(lanes: v128): u64 {
  return <u64>(<u32>i8x16.bitmask(lanes));
}
