import { FrameError } from "../../../core/errors.ts";
import type { StagedFile } from "../../cache/stage.ts";
import { unpacked } from "../compressed-files.ts";
import type { ReadOptions } from "../read-options.ts";

/** Facts about the bytes of a CSV file, before it is parsed. */
export interface CsvSigns {
  /** A number of more than 15 digits, which a double may not keep. */
  readonly hasLongNumbers: boolean;
  /** Digits around a `_`, which the engine would read as one number. */
  readonly hasUnderscores: boolean;
  /** Bytes that a line ends with. */
  readonly lineEnds: ReadonlySet<number>;
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;
// Of sixteen digits, two are at multiples of this.
const STRIDE = 8;
const LONG = 16;

const known = new Map<string, Promise<CsvSigns>>();

/** Scans all bytes of a file, once for each copy: some 20 ms for 100 MB. */
export function signsOf(localPath: string): Promise<CsvSigns> {
  const before = known.get(localPath);
  if (before) return before;
  const signs = lookFor(localPath);
  known.set(localPath, signs);
  signs.catch(() => known.delete(localPath));
  return signs;
}

async function lookFor(localPath: string): Promise<CsvSigns> {
  const signs = { hasLongNumbers: false, hasUnderscores: false, lineEnds: new Set<number>() };
  let tail = Buffer.alloc(0);
  for await (const piece of unpacked(localPath)) {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    const border = Buffer.concat([tail, bytes.subarray(0, 2 * LONG)]);
    signs.hasLongNumbers ||= hasLongNumber(bytes) || hasLongNumber(border);
    signs.hasUnderscores ||= hasUnderscore(bytes) || hasUnderscore(border);
    addLineEnds(bytes, tail, signs.lineEnds);
    tail = Buffer.from(bytes.subarray(-2 * LONG));
  }
  return signs;
}

/** 1 for a digit, 2 for a decimal point. */
const OF_NUMBER = new Uint8Array(256);
OF_NUMBER.fill(1, 0x30, 0x3a);
OF_NUMBER[0x2e] = 2;

function hasLongNumber(bytes: Uint8Array): boolean {
  const last = bytes.length - STRIDE;
  for (let at = 0; at < last; at += STRIDE) {
    if (OF_NUMBER[bytes[at] as number] === 0) continue;
    if (OF_NUMBER[bytes[at + STRIDE] as number] === 0) continue;
    let [first, end, points] = [at, at + 1, 0];
    while (first > 0 && OF_NUMBER[bytes[first - 1] as number] !== 0) first -= 1;
    while (end < bytes.length && OF_NUMBER[bytes[end] as number] !== 0) end += 1;
    if (end - first < LONG) continue;
    for (let of = first; of < end; of++) if (OF_NUMBER[bytes[of] as number] === 2) points += 1;
    if (end - first - points >= LONG) return true;
  }
  return false;
}

function hasUnderscore(bytes: Buffer): boolean {
  const isDigit = (byte = 0) => OF_NUMBER[byte] === 1;
  for (let at = bytes.indexOf(0x5f); at >= 0; at = bytes.indexOf(0x5f, at + 1)) {
    if (isDigit(bytes[at - 1]) && isDigit(bytes[at + 1])) return true;
  }
  return false;
}

function addLineEnds(bytes: Buffer, before: Buffer, ends: Set<number>): void {
  let known = -1;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) {
    const isInside = at > 1;
    const last = isInside ? bytes[at - 1] : (bytes[at - 1] ?? before.at(-1));
    const end = last === RETURN ? (bytes[at - 2] ?? before.at(at - 2)) : last;
    if (end === known || end === undefined) continue;
    known = end;
    ends.add(end);
  }
}

/**
 * Refuses a row with an empty extra cell, which the engine drops without an error.
 *
 * @throws FrameError `BAD_ROW` with the line
 */
export async function refuseSurplus(
  file: StagedFile,
  columns: number,
  delimiter: string,
  { quote = '"', skip = 0 }: ReadOptions,
): Promise<void> {
  const { lineEnds } = await signsOf(file.localPath);
  const [sign, mark] = [delimiter.charCodeAt(0), quote ? quote.charCodeAt(0) : -1];
  if (delimiter.length !== 1 || sign > 0x7f || mark > 0x7f || !lineEnds.has(sign)) return;
  let [line, start, cells, isQuoted, last] = [1, 1, 1, false, 0];
  for await (const bytes of unpacked(file.localPath)) {
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (byte === mark) isQuoted = !isQuoted;
      if (byte === NEWLINE) line += 1;
      if (isQuoted || byte === RETURN) continue;
      if (byte === sign) cells += 1;
      if (byte === NEWLINE) {
        if (cells === columns + 1 && last === sign && start > skip)
          throw surplus(file.entry.path, start, cells);
        [cells, start] = [1, line];
      }
      last = byte;
    }
  }
}

function surplus(path: string, line: number, cells: number): FrameError {
  return new FrameError(
    "BAD_ROW",
    `${path}, line ${line}: expected ${cells - 1} columns, found ${cells}`,
    {
      hint: "The last cell is empty, and the header has no name for it. Fix the line, or give the header as many names.",
    },
  );
}
