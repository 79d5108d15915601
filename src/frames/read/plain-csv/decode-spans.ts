import { isValid } from "../values/part.ts";
import type { PartColumn } from "./csv-part.ts";

const SLOT_BITS = 15;

/**
 * The texts of one column. Those that the parser found to be the same begin in the same place: few
 * strings are made of most columns, and making them is what takes the time.
 */
export class SpanTexts {
  readonly #text: Buffer;
  readonly #known = new Array<string>(2 ** SLOT_BITS).fill("");
  /** Where each of these begins. No text has the place of the header. */
  readonly #starts = new Uint32Array(2 ** SLOT_BITS);

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
    const slot = Math.imul(start, 0x9e3779b1) >>> (32 - SLOT_BITS);
    if (this.#starts[slot] === start) return this.#known[slot] as string;
    const made = this.#text.toString("utf8", start, start + length);
    this.#known[slot] = made;
    this.#starts[slot] = start;
    return made;
  }
}
