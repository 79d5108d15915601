/** A position in the structure of values: a key of an object, or the items of an array. */
export interface Slot {
  /** Bits of `Numbers`. */
  numbers: number;
  object: ObjectSlots | undefined;
  items: Slot | undefined;
}

export function newSlot(): Slot {
  return { numbers: 0, object: undefined, items: undefined };
}

/** Kinds of numbers, as bits. */
export const Numbers = {
  fraction: 1,
  /** An integer beyond 2^53. */
  large: 2,
  /** A number that the engine's double does not keep. */
  inexact: 4,
} as const;

/** Whether the engine would round numbers of a slot: it has one type for all of them. */
export function areRounded({ numbers }: Slot): boolean {
  const isMixed = (numbers & Numbers.fraction) !== 0 && (numbers & Numbers.large) !== 0;
  return isMixed || (numbers & Numbers.inexact) !== 0;
}

/** The same for a slot or any below it. */
export function holdsRounded(slot: Slot): boolean {
  return (
    areRounded(slot) ||
    (slot.items !== undefined && holdsRounded(slot.items)) ||
    (slot.object?.all ?? []).some(holdsRounded)
  );
}

// An object with more keys is a dictionary, whose keys are data.
const MOST_KEYS = 10_000;

interface KeySlot extends Slot {
  readonly id: number;
}

/** The keys of the objects in one slot. */
export class ObjectSlots {
  readonly all: KeySlot[] = [];
  readonly #byId = new Map<number, KeySlot>();
  /** By the name in lower case, as the engine ignores case. */
  readonly #names = new Map<string, string>();
  #next = 0;

  /** The slot of a known key, by the two hashes of its bytes. */
  find(id: number): Slot | undefined {
    // Objects mostly have the same keys in the same order.
    const guess = this.all[this.#next];
    if (guess?.id === id) {
      this.#next += 1;
      return guess;
    }
    const slot = this.#byId.get(id);
    if (slot) this.#next = this.all.indexOf(slot) + 1;
    return slot;
  }

  /** Starts another object. */
  begin(): void {
    this.#next = 0;
  }

  /** @returns the slot, and why the engine would lose the key's values, if so */
  add(id: number, name: string): { slot: Slot; trouble?: string } {
    const slot: KeySlot = { id, ...newSlot() };
    if (this.all.length >= MOST_KEYS) return { slot };
    const same = this.#names.get(lower(name));
    this.all.push(slot);
    this.#byId.set(id, slot);
    this.#next = this.all.length;
    if (name === "") return { slot, trouble: "there is a value without a name: its key is empty" };
    if (name.includes("\0")) {
      return { slot, trouble: `the key ${JSON.stringify(name)} has a zero byte in it` };
    }
    if (same !== undefined && same !== name) {
      const keys = `${JSON.stringify(same)} and ${JSON.stringify(name)}`;
      return { slot, trouble: `the keys ${keys} differ in case only` };
    }
    this.#names.set(lower(name), name);
    return { slot };
  }
}

function lower(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** The kind of a number, of `Numbers`. */
export function numbersOf(bytes: Buffer, from: number, end: number): number {
  let [isWhole, hasExponent] = [true, false];
  for (let at = from; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === 0x2e) isWhole = false;
    else if (byte === 0x65 || byte === 0x45) [isWhole, hasExponent] = [false, true];
  }
  const kind = isWhole ? 0 : Numbers.fraction;
  if (end - from < 16 && !hasExponent) return kind;
  const text = bytes.toString("latin1", from, end);
  if (!isWhole) return isExactInDouble(text) ? kind : kind | Numbers.inexact;
  if (Number.isSafeInteger(Number(text))) return 0;
  const value = /^-?\d+$/.test(text) ? BigInt(text) : 0n;
  const fits = value >= -(2n ** 63n) && value < 2n ** 64n;
  return fits ? Numbers.large : Numbers.inexact;
}

/** Whether a double, printed with as many digits or by JavaScript, is the same as a text. */
function isExactInDouble(text: string): boolean {
  const value = Number(text);
  if (!Number.isFinite(value)) return false;
  const significant = digitsOf(text);
  if (significant.length <= 15) return true;
  if (significant.length > 17) return false;
  const written = value.toPrecision(significant.length);
  return digitsOf(written) === significant || digitsOf(String(value)) === significant;
}

/** The digits of a number from its first that is not 0 to its last: `250` and `0.0025` both have 25. */
function digitsOf(number: string): string {
  return number
    .replace(/e.*/i, "")
    .replace(/[-+.]/g, "")
    .replace(/^0+|0+$/g, "");
}
