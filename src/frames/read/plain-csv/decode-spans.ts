import { isValid } from "../values/part.ts";
import type { PartColumn } from "./csv-part.ts";

const FEWEST_BITS = 10;
const MOST_BITS = 18;

/**
 * The texts of one column. Those that the parser found to be the same begin in the same place: few
 * strings are made of most columns, and making them is what takes the time.
 */
export class SpanTexts {
  readonly #text: Buffer;
  /** Strings that were made, each in a slot by where it begins; no text has the place of the header. */
  #known: string[] = [];
  #starts = new Uint32Array(0);
  #bits = FEWEST_BITS - 2;
  #made = 0;

  /** @param bytes of the file that the texts lie in */
  constructor(bytes: Uint8Array) {
    this.#text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Puts the texts of rows from `from` to before `to` into `target` from `at` on. */
  decode(part: PartColumn, from: number, to: number, target: unknown[], at: number): void {
    const { valid } = part;
    const values = part.values as Uint32Array;
    const shift = at - from;
    for (let row = from; row < to; row++) {
      const start = values[2 * row] as number;
      const length = values[2 * row + 1] as number;
      target[row + shift] = isValid(valid, row) ? this.#textAt(start, length) : null;
    }
  }

  #textAt(start: number, length: number): string {
    const slot = this.#slotOf(start);
    if (this.#starts[slot] === start) return this.#known[slot] as string;
    return this.#make(start, length);
  }

  #slotOf(start: number): number {
    return Math.imul(start, 0x9e3779b1) >>> (32 - this.#bits);
  }

  #make(start: number, length: number): string {
    // With so many in them, or so many that want the same one, they are to be more.
    if (this.#made >= this.#starts.length / 4 && this.#bits < MOST_BITS) {
      this.#bits += 2;
      this.#known = new Array<string>(2 ** this.#bits).fill("");
      this.#starts = new Uint32Array(2 ** this.#bits);
      this.#made = 0;
    }
    const made = this.#text.toString("utf8", start, start + length);
    const slot = this.#slotOf(start);
    this.#known[slot] = made;
    this.#starts[slot] = start;
    this.#made += 1;
    return made;
  }
}
