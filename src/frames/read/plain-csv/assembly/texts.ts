import { TEXT } from "./kinds";
import { columnAt, FILE, IDS, isValid, KNOWN, PAGE } from "./memory";
import { addText } from "./pages";

/** Longer texts are seldom the same as one before. */
const LONGEST: u32 = 24;
/** Texts are kept in sets, by the first bits of their hash. */
const SET_BITS: u64 = 12;
/** Texts of a set; one more takes the place of another. */
const SET: usize = 8;
/** A page with more different texts is no smaller for saying each only once. */
const MOST_DIFFERENT: i32 = 1 << 12;
/** Of fewer rows too little is learned of a column. */
const TELLING_ROWS: i32 = 1024;

/** A text that was met. */
@unmanaged
class Known {
  /** Where it begins in the file. */
  start: u32;
  /** In bytes; 0 where no text is. */
  length: u32;
  /** The last page that it is on, and its number there. */
  page: u32;
  id: u32;
}

/** How often one was forgotten for another. */
let forgotten: usize = 0;
let page: u32 = 0;
let dictionaryEnd: usize = PAGE;

/** Forgets all texts. */
export function forgetTexts(): void {
  memory.fill(KNOWN, 0, (SET * offsetof<Known>()) << (<usize>SET_BITS));
}

/**
 * Tells of each text of a column where the first one is that is the same, if that is still known: whoever
 * makes strings of them needs to make only one.
 */
export function shareTexts(index: i32, rows: i32): void {
  let place = columnAt(index).values;
  const end = place + ((<usize>rows) << 3);
  for (; place < end; place += 8) {
    const length = load<u32>(place, 4);
    // A null has none.
    if (length - 1 >= LONGEST) continue;
    store<u32>(place, known(load<u32>(place), length).start);
  }
}

/**
 * Puts the different texts of a column to `PAGE`, as a Parquet file has them in its plain encoding, and
 * for each that is not null which of them it is to `IDS`.
 *
 * @returns how many are different; 0 where they are too many
 */
export function makeDictionary(index: i32, rows: i32): i32 {
  const column = columnAt(index);
  if (column.kind !== TEXT || column.isVaried) return 0;
  const most = min(MOST_DIFFERENT, rows >> 1);
  let different: i32 = 0;
  let ids = IDS;
  dictionaryEnd = PAGE;
  page += 1;
  for (let row = 0; row < rows; row++) {
    if (!isValid(column, row)) continue;
    const place = column.values + ((<usize>row) << 3);
    const text = known(load<u32>(place), load<u32>(place, 4));
    if (text.page !== page) {
      if (different === most) {
        column.isVaried = rows >= TELLING_ROWS;
        return 0;
      }
      text.page = page;
      text.id = different++;
      dictionaryEnd = addText(text.start, text.length, dictionaryEnd);
    }
    store<u16>(ids, <u16>text.id);
    ids += 2;
  }
  return different;
}

/** Bytes of the different texts that were put to `PAGE` last. */
export function dictionarySize(): usize {
  return dictionaryEnd - PAGE;
}

/** The first text that is the same, or the one itself. */
function known(start: u32, length: u32): Known {
  const set = hash(FILE + <usize>start, length) >> (64 - SET_BITS);
  for (let place: usize = 0; place < SET; place++) {
    const text = knownAt(set, place);
    if (text.length === 0) return know(text, start, length);
    if (text.length === length && isSame(text.start, start, length)) return text;
  }
  return know(knownAt(set, forgotten++ % SET), start, length);
}

function knownAt(set: u64, place: usize): Known {
  return changetype<Known>(KNOWN + (<usize>set * SET + place) * offsetof<Known>());
}

function know(text: Known, start: u32, length: u32): Known {
  text.start = start;
  text.length = length;
  text.page = 0;
  return text;
}

function hash(text: usize, length: u32): u64 {
  let mixed: u64 = length;
  const end = text + length;
  for (; text + 8 < end; text += 8) mixed = mix(mixed ^ load<u64>(text));
  return mix(mixed ^ lastOf(text, end));
}

function mix(word: u64): u64 {
  return (word ^ (word >> 32)) * 0x9e37_79b9_7f4a_7c15;
}

/** At most eight bytes up to the end of a text, and none behind it. */
function lastOf(text: usize, end: usize): u64 {
  return load<u64>(text) << ((<u64>(text + 8 - end)) << 3);
}

function isSame(first: u32, second: u32, length: u32): bool {
  let one = FILE + <usize>first;
  let other = FILE + <usize>second;
  const end = one + length;
  for (; one + 8 < end; one += 8) {
    if (load<u64>(one) !== load<u64>(other)) return false;
    other += 8;
  }
  return lastOf(one, end) === lastOf(other, other + (end - one));
}
