import { isUtf8 } from "node:buffer";
import { CellKind } from "./csv-part.ts";
import { guessKinds, NEWLINE, type PlainLayout, RETURN, readLayout } from "./guess-kinds.ts";
import { RowParser, type RowSink } from "./row-parser.ts";
import {
  fileIn,
  MOST_BYTES,
  type ProgramMemory,
  type RowsProgram,
  rowsProgram,
} from "./rows-program.ts";

/** Part of a file whose bytes arrive one after the other, from its first to before its end. */
export interface FileSpan {
  readonly start: number;
  readonly end: number;
}

/** How to read a plain CSV file. */
export interface PlainOptions {
  /** Bytes of the file. */
  readonly size: number;
  /** All of the file, in its order. Bytes of several may arrive at the same time. */
  readonly spans: readonly FileSpan[];
  /** Default: found in the first line. */
  readonly delimiter?: string | undefined;
  /** Names of the requested columns, in lower case. Default: all. */
  readonly requested?: ReadonlySet<string> | undefined;
  /** Of all columns of the file. Default: found in its first rows. */
  readonly kinds?: readonly CellKind[] | undefined;
}

/** How far the rows of a span are parsed. */
interface SpanState extends FileSpan {
  /** Where its first row begins, once that is known. */
  first: number | undefined;
  at: number;
}

/**
 * Reads a CSV file that is written in the plainest way while its bytes arrive. A row is parsed with
 * the span in which the line end before it is, since without quotes each newline ends a row.
 */
export class PlainReader {
  readonly #program: RowsProgram;
  readonly #bytes: Uint8Array;
  readonly #options: PlainOptions;
  readonly #sink: RowSink;
  /** Bytes that are parsed at once, and that a line may have. */
  readonly #step: number;
  #layout: PlainLayout | undefined;
  #parser: RowParser | undefined;
  #spans: SpanState[] = [];
  #end: number;
  #isClosed = false;
  #otherKinds: CellKind[] | undefined;

  /**
   * @param memory of the file
   * @param sink gets rows as soon as they are parsed
   * @param step bytes that are parsed at once, at most `MOST_BYTES`
   */
  constructor(memory: ProgramMemory, options: PlainOptions, sink: RowSink, step = MOST_BYTES) {
    this.#program = rowsProgram(memory);
    this.#bytes = fileIn(memory, options.size);
    this.#options = options;
    this.#sink = sink;
    this.#step = step;
    this.#end = options.size;
  }

  /**
   * Parses some of the rows that are here.
   *
   * @param arrived bytes that are here of each span; stays the same until this returns
   * @returns `again` where the file is to be read with `otherKinds`, from its beginning
   */
  advance(arrived: ArrayLike<number>): "more" | "waiting" | "done" | "fallback" | "again" {
    const { spans } = this.#options;
    const last = spans.length - 1;
    const hasArrived = (index: number) => {
      const { start, end } = spans[index] as FileSpan;
      return (arrived[index] ?? 0) >= end - start;
    };
    if (!this.#layout) {
      if ((arrived[0] ?? 0) < this.#beginning) return "waiting";
      if (!this.#begin(hasArrived(last))) return "fallback";
    }
    if (!this.#isClosed && hasArrived(last)) this.#close();
    let state: "waiting" | "more" | "done" = "done";
    for (const [index, span] of this.#spans.entries()) {
      const isWhole = hasArrived(index);
      const here = span.start + (arrived[index] ?? 0);
      const end = index === last && isWhole ? this.#end : here;
      const next = index === last ? this.#end : this.#firstOf(index + 1, arrived);
      if (this.#firstOf(index, arrived) === undefined) {
        if (isWhole) return "fallback";
        state = state === "more" ? "more" : "waiting";
        continue;
      }
      const isKnown = isWhole && next !== undefined;
      if (isKnown ? next > span.at : end - span.at >= this.#step) {
        const most = span.at + this.#step;
        const stop = isKnown && next <= most ? next : this.#lineEndBefore(most);
        if (stop <= span.at || !this.#parse(index, stop)) {
          return this.#otherKinds ? "again" : "fallback";
        }
        state = "more";
      }
      const isDone = isKnown && span.at >= next;
      if (!isDone && state === "done") state = "waiting";
    }
    return state;
  }

  /** What was parsed, once it is done. */
  get parser(): RowParser | undefined {
    return this.#parser;
  }

  /** What the columns are, where a cell was met that is not what the first rows told of its column. */
  get otherKinds(): readonly CellKind[] | undefined {
    return this.#otherKinds;
  }

  /** Bytes that were parsed. */
  get parsed(): number {
    return this.#spans.reduce((sum, { at, first = at }) => sum + at - first, 0);
  }

  /** Bytes that have to be here before anything is read. */
  get #beginning(): number {
    const { size, spans } = this.#options;
    return Math.min(MOST_BYTES, size, spans[0]?.end ?? 0);
  }

  /** @param hasArrived whether the end of the file is */
  #begin(hasArrived: boolean): boolean {
    const { size, spans, delimiter, requested } = this.#options;
    const bytes = this.#bytes;
    const here = this.#beginning;
    const layout = readLayout(bytes.subarray(0, here), delimiter);
    if (!layout) return false;
    this.#layout = layout;
    if (hasArrived) this.#close();
    const end = this.#lineEndBefore(hasArrived && here === size ? this.#end : here);
    if (end <= layout.start) return false;
    const isRequested = (name: string) => !requested || requested.has(name.toLowerCase());
    const unseen = layout.names.map((name) =>
      isRequested(name) ? CellKind.empty : CellKind.skipped,
    );
    const kinds =
      this.#options.kinds ?? guessKinds(this.#program, bytes, layout, unseen, layout.start, end);
    const isNone = kinds.every((kind) => kind === CellKind.skipped);
    if (isNone || kinds.includes(CellKind.unknown)) return false;
    this.#parser = new RowParser(this.#program, layout, kinds);
    this.#spans = spans.map(({ start, end }, index) => ({
      start,
      end,
      first: index === 0 ? layout.start : undefined,
      at: layout.start,
    }));
    return true;
  }

  /** Sees to it that the last line ends. */
  #close(): void {
    this.#isClosed = true;
    const bytes = this.#bytes;
    const { size } = this.#options;
    if (bytes[size - 1] === NEWLINE) return;
    if (this.#layout?.hasReturns) bytes[this.#end++] = RETURN;
    bytes[this.#end++] = NEWLINE;
  }

  /** Where the first row of a span begins; undefined as long as that is not here. */
  #firstOf(index: number, arrived: ArrayLike<number>): number | undefined {
    const span = this.#spans[index] as SpanState;
    if (span.first !== undefined) return span.first;
    const isLast = index === this.#spans.length - 1;
    const here = isLast && this.#isClosed ? this.#end : span.start + (arrived[index] ?? 0);
    const newline = this.#bytes.subarray(span.start, here).indexOf(NEWLINE);
    if (newline < 0) return undefined;
    span.first = span.start + newline + 1;
    span.at = span.first;
    return span.first;
  }

  /** Where the last line ends that does before `end`. */
  #lineEndBefore(end: number): number {
    return this.#bytes.lastIndexOf(NEWLINE, end - 1) + 1;
  }

  #parse(index: number, stop: number): boolean {
    const span = this.#spans[index] as SpanState;
    if (!isUtf8(this.#bytes.subarray(span.at, stop))) return false;
    const parser = this.#parser;
    if (!parser?.parse(span.at, stop)) {
      this.#noteOtherKinds(stop);
      return false;
    }
    this.#sink.add(parser, index);
    span.at = stop;
    return true;
  }

  /** What the rows from a cell on tell that is not of its column's kind, if that is why they were not parsed. */
  #noteOtherKinds(stop: number): void {
    const odd = this.#parser?.oddCell;
    if (!this.#parser || !odd || !this.#layout) return;
    const { kinds: before } = this.#parser;
    const row = this.#lineEndBefore(odd.start);
    const kinds = guessKinds(this.#program, this.#bytes, this.#layout, before, row, stop);
    if (kinds[odd.column] === before[odd.column] || kinds.includes(CellKind.unknown)) return;
    this.#otherKinds = kinds;
  }
}
