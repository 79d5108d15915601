import { NOT_PLAIN } from "./numbers";

// Dates and times as ISO 8601 has them, if the engine surely reads the same.

const ZERO: u8 = 0x30;
const MINUS: u8 = 0x2d;
const POINT: u8 = 0x2e;
const COLON: u8 = 0x3a;
const SPACE: u8 = 0x20;
const LETTER_T: u8 = 0x54;
const LETTER_Z: u8 = 0x5a;

export const NO_DAY: i32 = i32.MAX_VALUE;

/** The date that was read last: rows that follow each other often have the same. */
let known: u64 = 0;
let knownEnd: u16 = 0;
let knownDay: i32 = NO_DAY;

/** Days since 1970. */
export function readDay(at: usize, end: usize): i32 {
  return end - at === 10 ? dayAt(at) : NO_DAY;
}

/**
 * Milliseconds since 1970; what is finer is left to the strict reading.
 *
 * @param isInstant whether a `Z` is at the end
 */
export function readMoment(at: usize, end: usize, isInstant: bool): f64 {
  if (isInstant && load<u8>(end - 1) !== LETTER_Z) return NOT_PLAIN;
  if (isInstant) end -= 1;
  const length = <i32>(end - at);
  if (length < 19) return NOT_PLAIN;
  const days = dayAt(at);
  if (days === NO_DAY) return NOT_PLAIN;
  const sign = load<u8>(at, 10);
  if (sign !== SPACE && sign !== LETTER_T) return NOT_PLAIN;
  if (load<u8>(at, 13) !== COLON || load<u8>(at, 16) !== COLON) return NOT_PLAIN;
  const hour = pairAt(at + 11);
  const minute = pairAt(at + 14);
  const second = pairAt(at + 17);
  if (hour > 23 || minute > 59 || second > 59) return NOT_PLAIN;
  const seconds = <f64>days * 86_400 + <f64>(hour * 3600 + minute * 60 + second);
  return seconds * 1000 + (length === 19 ? 0 : millisecondsAt(at + 19, end));
}

/** A point and at most six digits, of which those behind the third are zeros. */
function millisecondsAt(point: usize, end: usize): f64 {
  const length = <i32>(end - point);
  if (load<u8>(point) !== POINT || length < 2 || length > 7) return NOT_PLAIN;
  let milliseconds: u32 = 0;
  let unit: u32 = 100;
  for (let at = point + 1; at < end; at++) {
    const digit = load<u8>(at) - ZERO;
    if (digit > 9 || (unit === 0 && digit !== 0)) return NOT_PLAIN;
    milliseconds += digit * unit;
    unit /= 10;
  }
  return <f64>milliseconds;
}

function dayAt(at: usize): i32 {
  const begin = load<u64>(at);
  const end = load<u16>(at, 8);
  if (begin === known && end === knownEnd) return knownDay;
  known = begin;
  knownEnd = end;
  knownDay = NO_DAY;
  if (load<u8>(at, 4) === MINUS && load<u8>(at, 7) === MINUS) {
    knownDay = dayOf(pairAt(at), pairAt(at + 2), pairAt(at + 5), pairAt(at + 8));
  }
  return knownDay;
}

/** Each is more than 99 where there are no digits. */
function dayOf(century: u32, ofCentury: u32, month: u32, day: u32): i32 {
  if (century > 99 || century < 10 || ofCentury > 99 || month > 12 || month === 0) return NO_DAY;
  const year = century * 100 + ofCentury;
  return day === 0 || day > daysOf(year, month) ? NO_DAY : daysSince1970(year, month, day);
}

/** A number of two digits; more than 99 where there are none. */
function pairAt(at: usize): u32 {
  const high = load<u8>(at) - ZERO;
  const low = load<u8>(at, 1) - ZERO;
  return high > 9 || low > 9 ? 1000 : <u32>high * 10 + low;
}

const DAYS = memory.data<u8>([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]);

function daysOf(year: u32, month: u32): u32 {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && isLeap ? 29 : <u32>load<u8>(DAYS + month);
}

/** Years are counted from March here, so that the leap day is the last one. */
function daysSince1970(year: u32, month: u32, day: u32): i32 {
  const shifted = month > 2 ? year : year - 1;
  const era = shifted / 400;
  const ofEra = shifted - era * 400;
  const ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return <i32>(era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear) - 719_468;
}
