import { type Call, date, header } from "./lake-call.ts";
import { type RefusalCode, refuse, refuseUnmodified } from "./refusals.ts";

interface Version {
  /** Unquoted. */
  readonly etag: string;
  readonly modified: number;
  /** Not 0 for a directory; undefined for a file system. */
  readonly directory?: number;
}

const namesOf = (prefix: string) => ({
  match: `${prefix}if-match`,
  noneMatch: `${prefix}if-none-match`,
  modifiedSince: `${prefix}if-modified-since`,
  unmodifiedSince: `${prefix}if-unmodified-since`,
});
const CONDITIONS = { "": namesOf(""), "x-ms-source-": namesOf("x-ms-source-") };
const READS = new Set(["GET", "HEAD"]);

/**
 * Checks a request's conditional headers ("Specifying conditional headers for Blob service
 * operations"): 412 for a write, 304 for a read.
 *
 * @param current undefined when nothing exists under the name
 * @param unmet code of the refusal of a write
 */
export function checkConditions(
  call: Call,
  current: Version | undefined,
  unmet: RefusalCode = "ConditionNotMet",
): void {
  hold(call, current, "", unmet);
}

/** Checks the conditions on the source of a rename or copy. */
export function checkSourceConditions(
  call: Call,
  source: Version,
  unmet: RefusalCode = "SourceConditionNotMet",
): void {
  hold(call, source, "x-ms-source-", unmet);
}

function hold(
  call: Call,
  current: Version | undefined,
  prefix: "" | "x-ms-source-",
  unmet: RefusalCode,
): void {
  const conditions = CONDITIONS[prefix];
  const match = header(call, conditions.match);
  const noneMatch = header(call, conditions.noneMatch);
  const modifiedSince = date(call, conditions.modifiedSince);
  const unmodifiedSince = date(call, conditions.unmodifiedSince);
  const isRead = READS.has(call.method) && prefix === "";

  if (match !== undefined && !(current && names(match, current.etag))) throw refuse(unmet);
  if (!current) return;
  // HTTP dates count whole seconds.
  const modified = Math.floor(current.modified / 1_000) * 1_000;
  if (unmodifiedSince !== undefined && match === undefined && modified > unmodifiedSince) {
    throw refuse(unmet);
  }
  const isKnown = noneMatch !== undefined && names(noneMatch, current.etag);
  const isUnchanged = modifiedSince !== undefined && modified <= modifiedSince;
  const isStale = noneMatch === undefined ? isUnchanged : isKnown;
  if (!isStale) return;
  if (isRead) throw refuseUnmodified({ ETag: `"${current.etag}"` });
  if (noneMatch === "*" && prefix === "") {
    // A lease id lets its holder write a blob in spite of `If-None-Match: *`.
    if (isMaking(call) && call.dialect === "blob" && header(call, "x-ms-lease-id")) return;
    if (isMaking(call)) throw refuse("PathAlreadyExists", existingResource(call, current));
    if (call.query.get("action") === "flush") throw refuseUnmodified();
  }
  throw refuse(unmet);
}

/** A header of the Data Lake endpoint about the existing path. */
function existingResource({ dialect }: Call, { directory }: Version): Record<string, string> {
  if (dialect === "blob" || directory === undefined) return {};
  return { "x-ms-existing-resource-type": directory ? "directory" : "file" };
}

/** Whether a call creates a path. */
function isMaking({ method, dialect, query }: Call): boolean {
  if (method !== "PUT") return false;
  const comp = query.get("comp") ?? "";
  return dialect === "dfs" || comp === "" || comp === "blocklist";
}

function names(condition: string, etag: string): boolean {
  return condition
    .split(",")
    .map((tag) => tag.trim())
    .some((tag) => tag === "*" || tag === etag || tag === `"${etag}"`);
}
