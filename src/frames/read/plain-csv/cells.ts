// Each of these reads one cell from `at` on, puts its value in its place, and returns where the cell
// ends, or FALLBACK. They take only what is written in the plainest way, and of which it is certain
// that the engine reads the same. The byte behind the last cell ends every loop: it is a newline.

/** The strict reading has to tell what a cell is. */
export const FALLBACK = -1;

const ZERO = 0x30;
const MINUS = 0x2d;
const POINT = 0x2e;
const COLON = 0x3a;
const SPACE = 0x20;
const LETTER_T = 0x54;
const LETTER_Z = 0x5a;

/** Any number of so many digits is a double. */
const SAFE_DIGITS = 15;
const POWERS = Float64Array.from({ length: SAFE_DIGITS + 1 }, (_, power) => 10 ** power);

/** An integer without surplus signs or zeros. */
export function readWhole(bytes: Uint8Array, at: number, values: Float64Array, row: number) {
  const isNegative = bytes[at] === MINUS;
  const start = isNegative ? at + 1 : at;
  let end = start;
  let value = 0;
  for (let digit = digitAt(bytes, end); digit <= 9; digit = digitAt(bytes, ++end)) {
    value = value * 10 + digit;
  }
  const digits = end - start;
  if (digits === 0 || digits > SAFE_DIGITS) return FALLBACK;
  if (bytes[start] === ZERO && (digits > 1 || isNegative)) return FALLBACK;
  values[row] = isNegative ? -value : value;
  return end;
}

/** An integer, or a fraction with digits on both sides of its point. */
export function readDecimal(bytes: Uint8Array, at: number, values: Float64Array, row: number) {
  const isNegative = bytes[at] === MINUS;
  const start = isNegative ? at + 1 : at;
  let end = start;
  let value = 0;
  for (let digit = digitAt(bytes, end); digit <= 9; digit = digitAt(bytes, ++end)) {
    value = value * 10 + digit;
  }
  const whole = end - start;
  if (whole === 0 || (whole > 1 && bytes[start] === ZERO)) return FALLBACK;
  if (bytes[end] === POINT) {
    const point = end++;
    for (let digit = digitAt(bytes, end); digit <= 9; digit = digitAt(bytes, ++end)) {
      value = value * 10 + digit;
    }
    const places = end - point - 1;
    if (places === 0) return FALLBACK;
    if (whole + places > SAFE_DIGITS) return readLong(bytes, at, end, values, row);
    // Both are exact, so the quotient is the double nearest to what is written.
    value /= POWERS[places] as number;
  } else if (whole > SAFE_DIGITS) return FALLBACK;
  if (isNegative && value === 0) return FALLBACK;
  values[row] = isNegative ? -value : value;
  return end;
}

/** What programs write of a double: the shortest digits that are read as the same one. */
function readLong(
  bytes: Uint8Array,
  at: number,
  end: number,
  values: Float64Array,
  row: number,
): number {
  let text = "";
  for (let place = at; place < end; place++) text += String.fromCharCode(bytes[place] as number);
  const value = Number(text);
  if (String(value) !== text) return FALLBACK;
  values[row] = value;
  return end;
}

const WORDS = ["true", "True", "TRUE", "false", "False", "FALSE"].map((word) => Buffer.from(word));

/** `true` or `false`, as 1 or 0. */
export function readBoolean(bytes: Uint8Array, at: number, values: Uint8Array, row: number) {
  for (const [index, word] of WORDS.entries()) {
    if (!word.every((byte, place) => bytes[at + place] === byte)) continue;
    values[row] = index < 3 ? 1 : 0;
    return at + word.length;
  }
  return FALLBACK;
}

/** A date as ISO 8601 has it, as days since 1970. */
export function readDay(bytes: Uint8Array, at: number, values: Int32Array, row: number): number {
  const days = dayAt(bytes, at);
  values[row] = days;
  return days === NO_DAY ? FALLBACK : at + 10;
}

const NO_DAY = 0x7fffffff;

function dayAt(bytes: Uint8Array, at: number): number {
  if (bytes[at + 4] !== MINUS || bytes[at + 7] !== MINUS) return NO_DAY;
  const century = pairAt(bytes, at);
  const rest = pairAt(bytes, at + 2);
  const month = pairAt(bytes, at + 5);
  const day = pairAt(bytes, at + 8);
  // Each is more than 99 where there are no digits.
  if (century > 99 || century < 10 || rest > 99 || month > 12 || month === 0) return NO_DAY;
  const year = century * 100 + rest;
  if (day === 0 || day > daysOf(year, month)) return NO_DAY;
  return daysSince1970(year, month, day);
}

/** A date and a time, in milliseconds since 1970; what is finer is left to the strict reading. */
export function readMoment(bytes: Uint8Array, at: number, values: Float64Array, row: number) {
  const days = dayAt(bytes, at);
  if (days === NO_DAY) return FALLBACK;
  const sign = bytes[at + 10];
  if (sign !== SPACE && sign !== LETTER_T) return FALLBACK;
  if (bytes[at + 13] !== COLON || bytes[at + 16] !== COLON) return FALLBACK;
  const hour = pairAt(bytes, at + 11);
  const minute = pairAt(bytes, at + 14);
  const second = pairAt(bytes, at + 17);
  if (hour > 23 || minute > 59 || second > 59) return FALLBACK;
  let end = at + 19;
  let milliseconds = 0;
  if (bytes[end] === POINT) {
    let unit = 100;
    let digit = digitAt(bytes, ++end);
    if (digit > 9) return FALLBACK;
    for (; digit <= 9; digit = digitAt(bytes, ++end)) {
      if (unit < 1 && digit !== 0) return FALLBACK;
      if (unit >= 1) milliseconds += digit * unit;
      unit /= 10;
    }
    if (end - at > 26) return FALLBACK;
  }
  const seconds = days * 86_400 + hour * 3600 + minute * 60 + second;
  values[row] = seconds * 1000 + milliseconds;
  return end;
}

/** A date and a time with a `Z`. */
export function readInstant(bytes: Uint8Array, at: number, values: Float64Array, row: number) {
  const end = readMoment(bytes, at, values, row);
  return end !== FALLBACK && bytes[end] === LETTER_Z ? end + 1 : FALLBACK;
}

/** More than 9 where there is none. */
function digitAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) - ZERO) >>> 0;
}

/** A number of two digits; more than 99 where there are none. */
function pairAt(bytes: Uint8Array, at: number): number {
  const high = digitAt(bytes, at);
  const low = digitAt(bytes, at + 1);
  return high > 9 || low > 9 ? 1000 : high * 10 + low;
}

const DAYS = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function daysOf(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && isLeap ? 29 : (DAYS[month] as number);
}

/** Years are counted from March here, so that the leap day is the last one. */
function daysSince1970(year: number, month: number, day: number): number {
  const shifted = month > 2 ? year : year - 1;
  const era = (shifted / 400) | 0;
  const ofEra = shifted - era * 400;
  const ofYear = (((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) | 0) + day - 1;
  const days = ofEra * 365 + ((ofEra / 4) | 0) - ((ofEra / 100) | 0) + ofYear;
  return era * 146_097 + days - 719_468;
}
