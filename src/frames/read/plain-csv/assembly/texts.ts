import { columnAt, FILE, KNOWN } from "./memory";

/** Longer texts are seldom the same as one before. */
const LONGEST: u32 = 24;
/** Texts that are known, of which each may be in one of two places: of both the newest. */
const SLOT_BITS: u64 = 15;
/** Where a text begins in the file, and how many bytes it has. */
const SLOT: usize = 8;

/** Forgets the texts of the file before. */
export function forgetTexts(): void {
  memory.fill(KNOWN, 0, SLOT << (<usize>SLOT_BITS));
}

/**
 * Tells of each text of a column where the first one is that is the same, if that was met a moment ago:
 * whoever makes strings of them needs to make only one.
 */
export function shareTexts(index: i32, rows: i32): void {
  let place = columnAt(index).values;
  const end = place + ((<usize>rows) << 3);
  for (; place < end; place += 8) {
    const length = load<u32>(place, 4);
    // A null has none.
    if (length - 1 >= LONGEST) continue;
    const start = load<u32>(place);
    const slot = slotOf(FILE + start, length);
    const other = slot ^ SLOT;
    if (isSame(slot, start, length)) store<u32>(place, load<u32>(slot));
    else if (isSame(other, start, length)) store<u32>(place, load<u32>(other));
    else {
      store<u64>(other, load<u64>(slot));
      store<u32>(slot, start);
      store<u32>(slot, length, 4);
    }
  }
}

function slotOf(text: usize, length: u32): usize {
  let mixed: u64 = length;
  const end = text + length;
  for (; text + 8 < end; text += 8) mixed = mix(mixed ^ load<u64>(text));
  mixed = mix(mixed ^ lastOf(text, end));
  return KNOWN + <usize>(mixed >> (64 - SLOT_BITS)) * SLOT;
}

function mix(word: u64): u64 {
  return (word ^ (word >> 32)) * 0x9e37_79b9_7f4a_7c15;
}

/** At most eight bytes up to the end of a text, and none behind it. */
function lastOf(text: usize, end: usize): u64 {
  return load<u64>(text) << ((<u64>(text + 8 - end)) << 3);
}

/** Whether the text in a slot is the one at `start`, too. */
function isSame(slot: usize, start: u32, length: u32): bool {
  if (load<u32>(slot, 4) !== length) return false;
  let text = FILE + <usize>start;
  let known = FILE + <usize>load<u32>(slot);
  const end = text + length;
  for (; text + 8 < end; text += 8) {
    if (load<u64>(text) !== load<u64>(known)) return false;
    known += 8;
  }
  return lastOf(text, end) === lastOf(known, known + (end - text));
}
