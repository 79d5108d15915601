import { readBoolean, readDay, readDecimal, readInstant, readMoment, readWhole } from "./cells.ts";
import { CellKind } from "./csv-part.ts";
import { NEWLINE, type PlainLayout, RETURN } from "./plain-layout.ts";

/**
 * What the columns of a file are by its first rows.
 *
 * @param end where the last of them ends
 * @param isRequested whether a column is to be looked at
 */
export function guessKinds(
  bytes: Uint8Array,
  layout: PlainLayout,
  end: number,
  isRequested: (name: string) => boolean,
): CellKind[] {
  const { names, delimiter, hasReturns } = layout;
  const kinds: CellKind[] = names.map((name) =>
    isRequested(name) ? CellKind.empty : CellKind.skipped,
  );
  for (let at = layout.start, column = 0; at < end; column++) {
    let to = at;
    while (bytes[to] !== delimiter && bytes[to] !== NEWLINE) to += 1;
    const isLast = bytes[to] === NEWLINE;
    const cell = isLast && hasReturns && bytes[to - 1] === RETURN ? to - 1 : to;
    const before = kinds[column];
    if (before === undefined) return names.map(() => CellKind.unknown);
    if (cell > at && before !== CellKind.text && before !== CellKind.skipped) {
      kinds[column] = together(before, kindOf(bytes, at, cell));
    }
    at = to + 1;
    if (isLast) column = -1;
  }
  return kinds;
}

function together(a: CellKind, b: CellKind): CellKind {
  if (a === b || a === CellKind.empty) return b;
  if (a === CellKind.text || b === CellKind.text) return CellKind.text;
  const areNumbers = isNumber(a) && isNumber(b);
  return areNumbers ? CellKind.decimal : CellKind.unknown;
}

function isNumber(kind: CellKind): boolean {
  return kind === CellKind.whole || kind === CellKind.decimal;
}

const place = new Float64Array(1);
const days = new Int32Array(1);
const flag = new Uint8Array(1);

function kindOf(bytes: Uint8Array, at: number, end: number): CellKind {
  if (readWhole(bytes, at, place, 0) === end) return CellKind.whole;
  if (readDecimal(bytes, at, place, 0) === end) return CellKind.decimal;
  if (readDay(bytes, at, days, 0) === end) return CellKind.day;
  if (readMoment(bytes, at, place, 0) === end) return CellKind.moment;
  if (readInstant(bytes, at, place, 0) === end) return CellKind.instant;
  if (readBoolean(bytes, at, flag, 0) === end) return CellKind.boolean;
  return isText(bytes, at, end) ? CellKind.text : CellKind.unknown;
}

/** Words that something may take for a value. */
const VALUES = /^(?:t|f|y|n|true|false|yes|no|on|off|nan|inf|infinity|epoch|now|today|null|none)$/i;
const LONGEST_VALUE = 8;

/** Whether a cell can be nothing but text: every value begins with a digit, a sign or a blank. */
function isText(bytes: Uint8Array, at: number, end: number): boolean {
  const first = bytes[at] as number;
  const isLetter =
    first >= 0x80 || (first >= 0x41 && first <= 0x5a) || (first >= 0x61 && first <= 0x7a);
  if (!isLetter) return false;
  if (end - at > LONGEST_VALUE) return true;
  return !VALUES.test(String.fromCharCode(...bytes.subarray(at, end)));
}
