import { FrameError } from "../../../core/errors.ts";
import { tooManyColumns } from "../column-limit.ts";
import { isJsonLines } from "../file-format.ts";
import { areRounded, Numbers, newSlot, numbersOf, ObjectSlots, type Slot } from "./json-slots.ts";

type Expected = "value" | "value or end" | "key" | "key or end" | "colon" | "comma or end" | "next";

interface Container {
  readonly isObject: boolean;
  readonly slot: Slot;
}

const [QUOTE, BACKSLASH, NEWLINE, COMMA, COLON] = [0x22, 0x5c, 0x0a, 0x2c, 0x3a];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x7d, 0x5b, 0x5d];
const LONGEST_TOKEN = 2 ** 20;
export const DEEPEST = 1000;

/** 1 for bytes within a number or a word. */
const IN_TOKEN = new Uint8Array(256);
for (const sign of "+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_") {
  IN_TOKEN[sign.charCodeAt(0)] = 1;
}

/**
 * Scans the structure of JSON, chunk by chunk, for errors that the engine ignores: truncated
 * arrays, trailing commas, values of several kinds, keys whose values it loses, and numbers that it
 * rounds. It finds other errors itself.
 */
export class JsonScan {
  /** All values of the file. */
  readonly root: Slot;
  readonly #path: string;
  readonly #maxColumns: number;
  /** Whether each line is a value. */
  readonly #isLines: boolean;
  readonly #quote: ((from: number, to: number) => void) | undefined;
  readonly #stack: Container[] = [];
  #expected: Expected = "next";
  #slot: Slot;
  /** Whether a text is not at its end yet. */
  isInString = false;
  #kind: string | undefined;
  #line = 1;

  /**
   * @param root result of an earlier scan; then `quote` is called with the positions, in the chunk,
   *   of numbers that must become text
   */
  constructor(
    path: string,
    maxColumns: number,
    root = newSlot(),
    quote?: (from: number, to: number) => void,
  ) {
    this.#path = path;
    this.#maxColumns = maxColumns;
    this.#isLines = isJsonLines(path);
    this.root = root;
    this.#slot = root;
    this.#quote = quote;
  }

  /**
   * @returns bytes that were read; the others belong before the next chunk
   * @throws FrameError `BAD_ROW`, `BAD_FILE`, `TOO_LARGE`
   */
  push(bytes: Buffer): number {
    const { length } = bytes;
    let at = 0;
    while (at < length) {
      if (this.isInString) {
        const end = this.#endOfString(bytes, at);
        if (end < 0) return lastWhole(bytes);
        this.isInString = false;
        at = end;
        continue;
      }
      const byte = bytes[at] as number;
      if (byte <= 0x20) {
        if (byte === NEWLINE) this.#endLine();
        at += 1;
      } else if (byte === QUOTE && (this.#expected === "key" || this.#expected === "key or end")) {
        const end = this.#endOfString(bytes, at + 1);
        if (end < 0) return this.#later(length - at, at);
        this.#key(bytes, at, end);
        at = end;
      } else if (byte === QUOTE) {
        this.#value("text");
        this.isInString = true;
        at += 1;
      } else if (IN_TOKEN[byte] === 1) {
        let end = at + 1;
        while (end < length && IN_TOKEN[bytes[end] as number] === 1) end += 1;
        if (end === length) return this.#later(length - at, at);
        this.#token(bytes, at, end);
        at = end;
      } else {
        this.#sign(byte);
        at += 1;
      }
    }
    return at;
  }

  /** After the last chunk, which a line break must end. */
  end(): void {
    if (this.isInString || this.#stack.length > 0) {
      throw this.#bad("it ends in the middle of a value", "It was cut off: bring it here anew.");
    }
    if (this.#kind !== undefined) return;
    throw new FrameError("EMPTY_FILE", `${this.#path} has no rows`, {
      hint: "Leave the file out; a file without rows is [] in JSON.",
    });
  }

  #endLine(): void {
    if (this.#isLines && this.#stack.length > 0) {
      throw this.#bad("the line ends in the middle of a value");
    }
    this.#line += 1;
  }

  #later(bytes: number, at: number): number {
    if (bytes <= LONGEST_TOKEN) return at;
    throw this.#bad("a key or a number has more than 1 MiB", "Fix what writes the file.");
  }

  #sign(byte: number): void {
    const top = this.#stack.at(-1);
    switch (byte) {
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        this.#open(byte === OPEN_OBJECT);
        return;
      case CLOSE_OBJECT:
      case CLOSE_ARRAY: {
        const isObject = byte === CLOSE_OBJECT;
        const mayEnd = this.#expected === "comma or end" || this.#expected.endsWith(" or end");
        if (top && top.isObject === isObject && mayEnd) {
          this.#close();
          return;
        }
        const isAfterComma = this.#expected === "key" || this.#expected === "value";
        throw this.#bad(
          isAfterComma
            ? "there is a comma before the end"
            : `there is a ${String.fromCharCode(byte)} too many`,
        );
      }
      case COMMA:
        if (this.#expected !== "comma or end" || !top) throw this.#bad("there is a comma too many");
        this.#expected = top.isObject ? "key" : "value";
        if (!top.isObject) this.#slot = top.slot.items as Slot;
        return;
      case COLON:
        if (this.#expected !== "colon") throw this.#bad("there is a colon too many");
        this.#expected = "value";
        return;
      default:
        // A byte order mark, or an error that the engine finds.
        return;
    }
  }

  #open(isObject: boolean): void {
    this.#value(isObject ? "an object" : "an array");
    const slot = this.#slot;
    this.#stack.push({ isObject, slot });
    if (this.#stack.length > DEEPEST) {
      throw new FrameError(
        "TOO_LARGE",
        `${this.#path}, line ${this.#line}: nested deeper than ${DEEPEST}`,
        {
          hint: "No dataframe comes of it, and the limit cannot be raised. Read it with JSON.parse.",
        },
      );
    }
    if (isObject) {
      slot.object ??= new ObjectSlots();
      slot.object.begin();
      this.#expected = "key or end";
    } else {
      slot.items ??= newSlot();
      this.#slot = slot.items;
      this.#expected = "value or end";
    }
  }

  #close(): void {
    this.#stack.pop();
    this.#expected = this.#stack.length > 0 ? "comma or end" : "next";
    if (this.#stack.length === 0) this.#slot = this.root;
  }

  /** A value begins. */
  #value(kind: string): void {
    if (this.#expected === "next") {
      this.#kind ??= kind;
      if (this.#kind !== kind) {
        throw this.#bad(
          `${kind} follows after ${this.#kind}`,
          "A file is one array, or objects one after another.",
        );
      }
      this.#expected = "next";
      return;
    }
    if (this.#expected !== "value" && this.#expected !== "value or end") {
      throw this.#bad(`${kind} stands where ${this.#expected} belongs`);
    }
    this.#expected = "comma or end";
  }

  /** Position after the closing quote; -1 if there is none. */
  #endOfString(bytes: Buffer, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) return at + 1;
      else if (byte === NEWLINE) throw this.#bad("a text goes on after the end of the line");
    }
    return -1;
  }

  #key(bytes: Buffer, from: number, end: number): void {
    const slots = this.#stack.at(-1)?.slot.object as ObjectSlots;
    let [a, b] = [0x811c9dc5, 7];
    for (let at = from + 1; at < end - 1; at++) {
      a = Math.imul(a ^ (bytes[at] as number), 0x01000193);
      b = (Math.imul(b, 31) + (bytes[at] as number)) | 0;
    }
    const id = (a >>> 0) * 2 ** 21 + (b & 0x1fffff);
    this.#expected = "colon";
    const known = slots.find(id);
    if (known) {
      this.#slot = known;
      return;
    }
    const isRow = slots === this.root.object || slots === this.root.items?.object;
    if (isRow && slots.all.length === this.#maxColumns) {
      throw tooManyColumns(this.#path, undefined, this.#maxColumns);
    }
    const { slot, trouble } = slots.add(id, keyText(bytes.toString("utf8", from, end)));
    this.#slot = slot;
    if (trouble)
      throw this.#bad(trouble, "Its values would be lost. Rename it where the file is written.");
  }

  #token(bytes: Buffer, from: number, end: number): void {
    const first = bytes[from] as number;
    const isNumber = first === 0x2d || (first >= 0x30 && first <= 0x39);
    const slot = this.#slot;
    this.#value(isNumber ? "a number" : "a word");
    if (!isNumber) return;
    const numbers = numbersOf(bytes, from, end);
    slot.numbers |= numbers;
    const isLost = (numbers & (Numbers.large | Numbers.inexact)) !== 0;
    if (isLost && this.#quote && areRounded(slot)) this.#quote(from, end);
  }

  #bad(what: string, hint?: string): FrameError {
    return new FrameError("BAD_ROW", `${this.#path}, line ${this.#line}: not valid JSON: ${what}`, {
      hint: hint ?? "Fix the line, or what writes the file.",
    });
  }
}

/** Length of a chunk that ends in a string, without backslashes at its end. */
function lastWhole(bytes: Buffer): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === BACKSLASH) end -= 1;
  return end;
}

function keyText(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted.slice(1, -1);
  }
}
