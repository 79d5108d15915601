import { type Call, header } from "./lake-call.ts";
import { refuse, refuseHeader } from "./refusals.ts";

/** A run of bytes that a request asks for. */
export interface Range {
  readonly start: number;
  readonly length: number;
}

/** The range a request asks for, in bytes from 0; `x-ms-range` goes before `Range`. */
export function rangeOf(call: Call, size: number): Range | undefined {
  const own = header(call, "x-ms-range");
  const range = rangeIn(own ?? header(call, "range"), size);
  // RFC 9110 has a range that is not understood ignored; Azure understands no suffix ranges.
  if (!range && own !== undefined) throw refuseHeader("x-ms-range");
  return range;
}

/**
 * Reads `bytes=1-2` or `bytes=1-`; undefined for what is no such range.
 *
 * @throws Refusal for a range that lies outside
 */
export function rangeIn(text: string | undefined, size: number): Range | undefined {
  const match = /^bytes=(\d+)-(\d*)$/.exec(text?.trim() ?? "");
  if (!match) return undefined;
  const start = Number(match[1]);
  const last = match[2] === "" ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (start >= size || last < start)
    throw refuse("InvalidRange", { "Content-Range": `bytes */${size}` });
  return { start, length: last - start + 1 };
}
