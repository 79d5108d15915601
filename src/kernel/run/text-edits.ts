/** A place in a text, both from 1; columns count UTF-16 units, as V8 does. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Replacements in a text, which lead places of the new text back to the old one.
 *
 *     const edits = new TextEdits("const a = 1");
 *     edits.replace(0, 5, "let");
 *     edits.text();               // "let a = 1"
 *     edits.sourceOffset(4);      // 6
 */
export class TextEdits {
  readonly source: string;
  readonly #edits: Edit[] = [];

  constructor(source: string) {
    this.source = source;
  }

  /** Puts `text` in place of what is from `start` to `end`; edits may not overlap. */
  replace(start: number, end: number, text: string): void {
    this.#edits.push({ start, end, text });
  }

  insert(at: number, text: string): void {
    this.replace(at, at, text);
  }

  /** Puts spaces in place of it, `;` first: what stood before it must not run into what follows. */
  blankStatement(start: number, end: number): void {
    this.replace(start, end, `;${blanks(this.source.slice(start + 1, end))}`);
  }

  /** @throws Error when edits overlap */
  text(): string {
    this.#sort();
    let text = "";
    let at = 0;
    for (const edit of this.#edits) {
      if (edit.start < at) throw new Error(`edits overlap at ${edit.start}`);
      text += this.source.slice(at, edit.start) + edit.text;
      at = edit.end;
    }
    return text + this.source.slice(at);
  }

  /** Where in the old text a place of the new one was. */
  sourceOffset(offset: number): number {
    this.#sort();
    let shift = 0;
    for (const { start, end, text } of this.#edits) {
      const begin = start + shift;
      if (offset < begin) break;
      if (offset < begin + text.length) {
        // Blanks have the places of what they replace; what is longer has its beginning.
        return text.length > end - start ? start : start + (offset - begin);
      }
      shift += text.length - (end - start);
    }
    return offset - shift;
  }

  #sort(): void {
    this.#edits.sort((a, b) => a.start - b.start || a.end - b.end);
  }
}

/** As many spaces as `text` is long; its line ends stay. */
export function blanks(text: string): string {
  return text.replace(/[^\r\n\u2028\u2029]/g, " ");
}

/** Offset of a place; past the end of its line for a column that is not there. */
export function offsetOf(text: string, { line, column }: Position): number {
  let start = 0;
  for (let number = 1; number < line; number++) {
    const end = text.indexOf("\n", start);
    if (end < 0) return text.length;
    start = end + 1;
  }
  return Math.min(start + column - 1, text.length);
}

export function positionOf(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: offset - lineStart + 1 };
}
