import { type Call, date, header } from "./call.ts";
import { refuse } from "./refusals.ts";

/** What conditional headers compare with. */
interface Version {
  /** Unquoted. */
  readonly etag: string;
  readonly modified: number;
}

const READS = new Set(["GET", "HEAD"]);

/**
 * Holds a request's conditional headers against what is there ("Specifying conditional headers
 * for Blob service operations"): 412 when a write may not go on, 304 when a reader has it already.
 *
 * @param current undefined when nothing exists under the name
 * @param prefix `x-ms-source-` for the source of a rename or copy
 */
export function checkConditions(call: Call, current: Version | undefined, prefix = ""): void {
  const match = header(call, `${prefix}if-match`);
  const noneMatch = header(call, `${prefix}if-none-match`);
  const modifiedSince = date(call, `${prefix}if-modified-since`);
  const unmodifiedSince = date(call, `${prefix}if-unmodified-since`);
  const isRead = READS.has(call.method) && prefix === "";

  if (match !== undefined && !(current && names(match, current.etag)))
    throw refuse("ConditionNotMet");
  if (!current) return;
  // HTTP dates count whole seconds.
  const modified = Math.floor(current.modified / 1_000) * 1_000;
  if (unmodifiedSince !== undefined && match === undefined && modified > unmodifiedSince) {
    throw refuse("ConditionNotMet");
  }
  const isKnown = noneMatch !== undefined && names(noneMatch, current.etag);
  const isUnchanged = modifiedSince !== undefined && modified <= modifiedSince;
  const isStale = noneMatch === undefined ? isUnchanged : isKnown;
  if (!isStale) return;
  if (isRead) throw refuse("NotModified", { ETag: `"${current.etag}"` });
  if (noneMatch === "*") throw refuse("PathAlreadyExists");
  throw refuse("ConditionNotMet");
}

function names(condition: string, etag: string): boolean {
  return condition
    .split(",")
    .map((tag) => tag.trim())
    .some((tag) => tag === "*" || tag === etag || tag === `"${etag}"`);
}
