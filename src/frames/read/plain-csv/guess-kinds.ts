import { isUtf8 } from "node:buffer";
import { CellKind } from "./csv-part.ts";
import { MOST_COLUMNS, type RowsProgram } from "./rows-program.ts";

/** How a plain CSV file is written, by its first line. */
export interface PlainLayout {
  /** Of the columns, in their order. */
  readonly names: readonly string[];
  /** A byte. */
  readonly delimiter: number;
  /** Whether lines end as on Windows. */
  readonly hasReturns: boolean;
  /** Where the first row begins. */
  readonly start: number;
}

export const NEWLINE = 0x0a;
export const RETURN = 0x0d;
/** The delimiters that are looked for; see `likelyDelimiter`. */
const SIGNS = [",", ";", "\t", "|"];

/**
 * What the first line tells; nothing where it is not certain.
 *
 * @param bytes the beginning of the file, with all of that line
 * @param requested the delimiter, if it is known
 */
export function readLayout(
  bytes: Uint8Array,
  requested: string | undefined,
): PlainLayout | undefined {
  const end = bytes.indexOf(NEWLINE);
  if (end < 1) return undefined;
  const hasReturns = bytes[end - 1] === RETURN;
  const line = bytes.slice(0, hasReturns ? end - 1 : end);
  if (!isUtf8(line)) return undefined;
  const text = Buffer.from(line).toString();
  const delimiter = requested ?? likelySign(text);
  if (delimiter.length !== 1 || !/^[,;\t|:!#$%&*/~^]$/.test(delimiter)) return undefined;
  const names = text.split(delimiter);
  const isPlain = names.every((name) => PLAIN_NAME.test(name));
  const areDistinct = new Set(names.map((name) => name.toLowerCase())).size === names.length;
  if (names.length < 2 || names.length > MOST_COLUMNS || !isPlain || !areDistinct) return undefined;
  return { names, delimiter: delimiter.charCodeAt(0), hasReturns, start: end + 1 };
}

/** A name that nobody trims, numbers or takes for a value. */
const PLAIN_NAME = /^[A-Za-z_](?:[\w .()/%#-]*[\w)/%#])?$/;

function likelySign(line: string): string {
  const counts = SIGNS.map((sign) => ({ sign, count: line.split(sign).length }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).sign;
}

/** Bytes of rows that tell what columns are; where they are mistaken, it is told anew. */
const SAMPLE = 2 ** 16;

/**
 * What the columns of a file are by some rows: all that begin in so many bytes.
 *
 * @param program over the memory of the file, which has to begin anew afterwards
 * @param bytes of the file
 * @param before what they are by other rows: `empty` where nothing is known yet
 * @param from where the first row begins
 * @param to where the last row of those that are here ends
 * @returns `unknown` where only the strict reading can tell
 */
export function guessKinds(
  program: RowsProgram,
  bytes: Uint8Array,
  { delimiter, hasReturns }: PlainLayout,
  before: readonly CellKind[],
  from: number,
  to: number,
): CellKind[] {
  const kinds = [...before];
  for (let at = from, column = 0; at < to && (column > 0 || at < from + SAMPLE); column++) {
    let end = at;
    while (bytes[end] !== delimiter && bytes[end] !== NEWLINE) end += 1;
    const isLast = bytes[end] === NEWLINE;
    const cell = isLast && hasReturns && bytes[end - 1] === RETURN ? end - 1 : end;
    const known = kinds[column];
    if (known === undefined) return kinds.map(() => CellKind.unknown);
    if (cell > at && known !== CellKind.text && known !== CellKind.skipped) {
      kinds[column] = together(known, kindOf(program, bytes, at, cell));
    }
    at = end + 1;
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

function kindOf(program: RowsProgram, bytes: Uint8Array, at: number, end: number): CellKind {
  const kind = program.guess(at, end);
  return kind === CellKind.unknown && isText(bytes, at, end) ? CellKind.text : kind;
}

/** Words that the strict reading takes for a value. */
const VALUES = /^(?:true|false|nan|inf|infinity)$/i;
const LONGEST_VALUE = 8;
/** What some write where there is no value. */
const MARKS = /^[-?*.]+$/;

/**
 * Whether a cell that is not empty can be nothing but text: every value begins with a digit, a sign or
 * a blank, and has a digit.
 */
function isText(bytes: Uint8Array, at: number, end: number): boolean {
  const first = bytes[at] as number;
  const isLetter =
    first >= 0x80 || (first >= 0x41 && first <= 0x5a) || (first >= 0x61 && first <= 0x7a);
  if (end - at > LONGEST_VALUE) return isLetter;
  const cell = String.fromCharCode(...bytes.subarray(at, end));
  return isLetter ? !VALUES.test(cell) : MARKS.test(cell);
}
