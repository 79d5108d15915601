import { isUtf8 } from "node:buffer";

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
const MOST_COLUMNS = 4096;
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
