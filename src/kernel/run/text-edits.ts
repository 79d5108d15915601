/** A position in a text, both from 1; columns count UTF-16 units, as in V8. */
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

  /** Replaces the range from `start` to `end` by `text`; edits may not overlap. */
  replace(start: number, end: number, text: string): void {
    this.#edits.push({ start, end, text });
  }

  insert(at: number, text: string): void {
    this.replace(at, at, text);
  }

  /** Replaces a statement by spaces, with `;` first: the statement before it must not continue. */
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

  /** Maps an offset in the new text to the old text. */
  sourceOffset(offset: number): number {
    this.#sort();
    let shift = 0;
    for (const { start, end, text } of this.#edits) {
      const begin = start + shift;
      if (offset < begin) break;
      if (offset < begin + text.length) {
        // Blanks map one to one; a longer replacement maps to its start.
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

/** Spaces of the length of `text`; its line ends stay. */
export function blanks(text: string): string {
  return text.replace(/[^\r\n\u2028\u2029]/g, " ");
}

/** Offset of a position; a column past the line's end gives an offset past it. */
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
