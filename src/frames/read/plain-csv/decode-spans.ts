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
  #bits = 0;
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
    const made = this.#text.toString("utf8", start, start + length);
    this.#keep(start, made);
    return made;
  }

  /** The slot of a text, or a free one for it. */
  #slotOf(start: number): number {
    const starts = this.#starts;
    if (starts.length === 0) return 0;
    let slot = Math.imul(start, 0x9e3779b1) >>> (32 - this.#bits);
    while (starts[slot] !== 0 && starts[slot] !== start) slot = (slot + 1) & (starts.length - 1);
    return slot;
  }

  #keep(start: number, made: string): void {
    if (this.#made >= this.#starts.length / 4) this.#enlarge();
    const slot = this.#slotOf(start);
    this.#starts[slot] = start;
    this.#known[slot] = made;
    this.#made += 1;
  }

  /** Makes more slots; where they are as many as may be, all of them free. */
  #enlarge(): void {
    const [starts, known] = [this.#starts, this.#known];
    const isLast = this.#bits === MOST_BITS;
    this.#bits = Math.min(MOST_BITS, Math.max(FEWEST_BITS, this.#bits + 2));
    this.#starts = new Uint32Array(2 ** this.#bits);
    this.#known = new Array<string>(2 ** this.#bits).fill("");
    this.#made = 0;
    if (isLast) return;
    for (const [slot, start] of starts.entries()) {
      if (start !== 0) this.#keep(start, known[slot] as string);
    }
  }
}
