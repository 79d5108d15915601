import { isUtf8 } from "node:buffer";
import { MAX_COLUMNS } from "../column-limit.ts";
import { CellKind, type CsvPart } from "./csv-part.ts";
import { guessKinds, NEWLINE, type PlainLayout, RETURN, readLayout } from "./guess-kinds.ts";
import { RowParser } from "./row-parser.ts";

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
}

/** The columns of a file. */
export interface PlainResult {
  readonly names: readonly string[];
  /** One a name. */
  readonly kinds: readonly CellKind[];
  readonly parts: readonly CsvPart[];
}

/** Bytes at the beginning of a file that tell what its columns are. */
const SAMPLE = 2 ** 20;
/** Bytes that are parsed at once, and that a line may have. */
const STEP = 2 ** 20;
/** Bytes behind those of the file, for a line end that is missing there. */
export const ROOM_FOR_END = 2;

/** How far the rows of a span are parsed. */
interface SpanState extends FileSpan {
  /** Where its first row begins, once that is known. */
  first: number | undefined;
  at: number;
  readonly parser: RowParser;
}

/**
 * Reads a CSV file that is written in the plainest way while its bytes arrive. A row is parsed with
 * the span in which the line end before it is, since without quotes each newline ends a row.
 */
export class PlainReader {
  readonly #bytes: Uint8Array;
  readonly #options: PlainOptions;
  #layout: PlainLayout | undefined;
  #spans: SpanState[] = [];
  #end: number;
  #isClosed = false;
  /** @param bytes for the file, and `ROOM_FOR_END` behind it */
  constructor(bytes: Uint8Array, options: PlainOptions) {
    this.#bytes = bytes;
    this.#options = options;
    this.#end = options.size;
  }

  /**
   * Parses some of the rows that are here.
   *
   * @param arrived bytes that are here of each span; stays the same until this returns
   */
  advance(arrived: ArrayLike<number>): "more" | "waiting" | "done" | "fallback" {
    const { size, spans } = this.#options;
    const last = spans.length - 1;
    const hasArrived = (index: number) => {
      const { start, end } = spans[index] as FileSpan;
      return (arrived[index] ?? 0) >= end - start;
    };
    if (!this.#layout) {
      if ((arrived[0] ?? 0) < Math.min(SAMPLE, size, spans[0]?.end ?? 0)) return "waiting";
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
      const to = isWhole && next !== undefined ? next : this.#lineEndBefore(end);
      if (to > span.at) {
        const stop = to - span.at > STEP ? this.#lineEndBefore(span.at + STEP) : to;
        if (stop <= span.at || !this.#parse(span, stop)) return "fallback";
        state = "more";
      }
      const isDone = isWhole && next !== undefined && span.at >= next;
      if (!isDone && state === "done") state = "waiting";
    }
    return state;
  }

  /** What was read, once it is done. */
  result(): PlainResult {
    const { names = [] } = this.#layout ?? {};
    const kinds = names.map((_, column) => {
      const ofSpans = this.#spans.map(({ parser }) => parser.kinds[column] ?? CellKind.unknown);
      return ofSpans.includes(CellKind.decimal)
        ? CellKind.decimal
        : (ofSpans[0] ?? CellKind.unknown);
    });
    for (const { parser } of this.#spans) parser.finish();
    const parts = this.#spans.flatMap(({ parser }) => parser.parts);
    const isRequested = (_: unknown, column: number) => kinds[column] !== CellKind.skipped;
    return { names: names.filter(isRequested), kinds: kinds.filter(isRequested), parts };
  }

  /** @param hasArrived whether the end of the file is */
  #begin(hasArrived: boolean): boolean {
    const { size, spans, delimiter, requested } = this.#options;
    const bytes = this.#bytes;
    const sample = Math.min(SAMPLE, size, spans[0]?.end ?? 0);
    const layout = readLayout(bytes.subarray(0, sample), delimiter);
    if (!layout || layout.names.length > MAX_COLUMNS) return false;
    this.#layout = layout;
    if (hasArrived) this.#close();
    const end = this.#lineEndBefore(hasArrived && sample === size ? this.#end : sample);
    if (end <= layout.start) return false;
    const isRequested = (name: string) => !requested || requested.has(name.toLowerCase());
    const kinds = guessKinds(bytes, layout, end, isRequested);
    const isNone = kinds.every((kind) => kind === CellKind.skipped);
    if (isNone || kinds.includes(CellKind.unknown)) return false;
    this.#spans = spans.map(({ start, end }, index) => ({
      start,
      end,
      first: index === 0 ? layout.start : undefined,
      at: layout.start,
      parser: new RowParser(bytes, layout, kinds),
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

  #parse(span: SpanState, stop: number): boolean {
    const rows = this.#bytes.subarray(span.at, stop);
    if (!isUtf8(rows) || !span.parser.parse(span.at, stop)) return false;
    span.at = stop;
    return true;
  }
}
