import { isValid } from "../values/part.ts";
import type { PartColumn } from "./csv-part.ts";

// Longer texts are seldom the same as one before.
const LONGEST_KNOWN = 24;
const SLOTS = 2 ** 15;

/**
 * The texts of one column. Short ones that were met a moment ago are not made again: most columns
 * of text have few different values, and making strings is what takes the time.
 */
export class SpanTexts {
  readonly #bytes: Uint8Array;
  readonly #text: Buffer;
  readonly #known = new Array<string | undefined>(SLOTS).fill(undefined);
  readonly #starts = new Uint32Array(SLOTS);
  readonly #lengths = new Uint8Array(SLOTS);

  /** @param bytes of the file that the texts lie in */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Puts the texts of rows from `from` to before `to` into `target` from `at` on. */
  decode(part: PartColumn, from: number, to: number, target: unknown[], at: number): void {
    const { values, valid } = part;
    for (let row = from; row < to; row++) {
      const start = values[2 * row] as number;
      const length = values[2 * row + 1] as number;
      target[at + row - from] = isValid(valid, row) ? this.#textAt(start, length) : null;
    }
  }

  #textAt(start: number, length: number): string {
    const bytes = this.#bytes;
    if (length > LONGEST_KNOWN) return this.#text.toString("utf8", start, start + length);
    let mixed = length;
    for (let place = start; place < start + length; place++) {
      mixed = Math.imul(mixed ^ (bytes[place] as number), 0x01000193);
    }
    const slot = (mixed ^ (mixed >>> 15)) & (SLOTS - 1);
    const text = this.#known[slot];
    if (text !== undefined && this.#lengths[slot] === length && this.#isAt(slot, start)) {
      return text;
    }
    const made = this.#text.toString("utf8", start, start + length);
    this.#known[slot] = made;
    this.#starts[slot] = start;
    this.#lengths[slot] = length;
    return made;
  }

  /** Whether the text in a slot is also the one that begins at `start`. */
  #isAt(slot: number, start: number): boolean {
    const bytes = this.#bytes;
    const first = this.#starts[slot] as number;
    const length = this.#lengths[slot] as number;
    for (let place = 0; place < length; place++) {
      if (bytes[first + place] !== bytes[start + place]) return false;
    }
    return true;
  }
}
