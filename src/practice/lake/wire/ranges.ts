import { type Call, header } from "./lake-call.ts";
import { refuse, refuseHeader } from "./refusals.ts";

export interface Range {
  readonly start: number;
  readonly length: number;
}

/** The range of a request; `x-ms-range` overrides `Range`. */
export function rangeOf(call: Call, size: number): Range | undefined {
  const own = header(call, "x-ms-range");
  const range = rangeIn(own ?? header(call, "range"), size);
  // RFC 9110: an unsupported range is ignored. Azure has no suffix ranges.
  if (!range && own !== undefined) throw refuseHeader("x-ms-range");
  return range;
}

/**
 * Parses `bytes=1-2` or `bytes=1-`; undefined for other text.
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
