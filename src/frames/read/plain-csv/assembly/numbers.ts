// What begins at `at` and ends before `end` as a number, if it is written in the plainest way and the
// engine surely reads the same; else NOT_PLAIN. Eight digits are read at once, as bytes of one word
// whose lowest is the first. What is loaded behind a cell is shifted out again.

/**
 * What the shortest digits of a double that it has more of than surely fit are: reads them only if
 * the same ones are written of it.
 */
declare function readLong(at: usize, end: usize): f64;

export const NOT_PLAIN: f64 = NaN;

const ZERO: u8 = 0x30;
const MINUS: u8 = 0x2d;
const POINT: u8 = 0x2e;

/** Any number of so many digits is a double. */
const SAFE_DIGITS: i32 = 15;
const POWERS = memory.data<f64>([
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
]);

function powerOfTen(exponent: i32): f64 {
  return load<f64>(POWERS + ((<usize>exponent) << 3));
}

/** An integer without surplus signs or zeros. */
export function readWhole(at: usize, end: usize): f64 {
  const isNegative = load<u8>(at) === MINUS;
  const start = at + <usize>isNegative;
  const digits = <i32>(end - start);
  if (digits < 1 || digits > SAFE_DIGITS) return NOT_PLAIN;
  if (load<u8>(start) === ZERO && (digits > 1 || isNegative)) return NOT_PLAIN;
  let value: f64;
  if (digits <= 8) {
    const word = padded(load<u64>(start), digits);
    if (!areDigits(word)) return NOT_PLAIN;
    value = <f64>numberOf(word);
  } else {
    const high = load<u64>(start);
    const low = padded(load<u64>(start + 8), digits - 8);
    if (!areDigits(high) || !areDigits(low)) return NOT_PLAIN;
    value = <f64>numberOf(high) * powerOfTen(digits - 8) + <f64>numberOf(low);
  }
  return isNegative ? -value : value;
}

/** An integer, or a fraction with digits on both sides of its point. */
export function readDecimal(at: usize, end: usize): f64 {
  const isNegative = load<u8>(at) === MINUS;
  const start = at + <usize>isNegative;
  const length = <i32>(end - start);
  if (length < 1) return NOT_PLAIN;
  const value = length <= 8 ? readShort(start, length) : readDigits(at, start, end);
  if (isNegative && value === 0) return NOT_PLAIN;
  return isNegative ? -value : value;
}

/** At most eight bytes, without a sign. */
function readShort(start: usize, length: i32): f64 {
  const word = load<u64>(start);
  const point = pointIn(word, length);
  if (point < 0) {
    if (length > 1 && load<u8>(start) === ZERO) return NOT_PLAIN;
    const digits = padded(word, length);
    return areDigits(digits) ? <f64>numberOf(digits) : NOT_PLAIN;
  }
  const places = length - point - 1;
  if (point === 0 || places === 0) return NOT_PLAIN;
  if (point > 1 && load<u8>(start) === ZERO) return NOT_PLAIN;
  // What is before the point moves up by a byte, over it.
  const before = ((<u64>1) << (point << 3)) - 1;
  const digits = padded((word & before) | ((word >> 8) & ~before), length - 1);
  // Both are exact, so the quotient is the double nearest to what is written.
  return areDigits(digits) ? <f64>numberOf(digits) / powerOfTen(places) : NOT_PLAIN;
}

/** Any number of bytes, without the sign that may be at `at`. */
function readDigits(at: usize, start: usize, end: usize): f64 {
  let value: u64 = 0;
  let point: usize = 0;
  for (let place = start; place < end; place++) {
    const byte = load<u8>(place);
    if (byte === POINT && point === 0) {
      point = place;
      continue;
    }
    const digit = byte - ZERO;
    if (digit > 9) return NOT_PLAIN;
    value = value * 10 + digit;
  }
  const whole = <i32>((point === 0 ? end : point) - start);
  const places = point === 0 ? 0 : <i32>(end - point) - 1;
  if (whole === 0 || (whole > 1 && load<u8>(start) === ZERO)) return NOT_PLAIN;
  if (point === 0) return whole > SAFE_DIGITS ? NOT_PLAIN : <f64>value;
  if (places === 0) return NOT_PLAIN;
  if (whole + places <= SAFE_DIGITS) return <f64>value / powerOfTen(places);
  const long = readLong(at, end);
  return start === at ? long : -long;
}

/** The place of the first point in the first `length` bytes; -1 where there is none. */
function pointIn(word: u64, length: i32): i32 {
  const without = word ^ 0x2e2e_2e2e_2e2e_2e2e;
  const found = (without - 0x0101_0101_0101_0101) & ~without & 0x8080_8080_8080_8080;
  if (found === 0) return -1;
  const point = <i32>(ctz(found) >> 3);
  return point < length ? point : -1;
}

/** The first `digits` bytes as the last ones, with zeros before them. */
function padded(word: u64, digits: i32): u64 {
  if (digits === 8) return word;
  const shift = (<u64>(8 - digits)) << 3;
  return (word << shift) | (<u64>0x3030_3030_3030_3030 >> (64 - shift));
}

function areDigits(word: u64): bool {
  const high: u64 = 0xf0f0_f0f0_f0f0_f0f0;
  // Adding six makes an eleventh digit and all above it leave their sixteen.
  const above = ((word + 0x0606_0606_0606_0606) & high) >> 4;
  return ((word & high) | above) === 0x3333_3333_3333_3333;
}

/** Of eight digits: pairs, then fours, then all. */
function numberOf(word: u64): u64 {
  let sums = ((word & 0x0f0f_0f0f_0f0f_0f0f) * 0xa01) >> 8;
  sums = ((sums & 0x00ff_00ff_00ff_00ff) * 0x64_0001) >> 16;
  return ((sums & 0x0000_ffff_0000_ffff) * 0x2710_0000_0001) >> 32;
}
