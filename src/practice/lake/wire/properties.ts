import type { Copy } from "../storage/copies.ts";
import type { Node } from "../storage/node.ts";
import {
  type BlobState,
  CONTENT_HEADERS,
  type ContentHeaders,
  readHeaders,
  tierNow,
  typeOf,
} from "../storage/stored-headers.ts";
import { md5In } from "./checksums.ts";
import { type Call, date, header } from "./lake-call.ts";
import { refuse, refuseHeader } from "./refusals.ts";

/** Header by which a client recognizes its own request when the answer was lost. */
export const TRANSACTION = "x-ms-client-transaction-id";

const named = (prefix: string) => CONTENT_HEADERS.map((name) => [name, prefix + name] as const);
const NAMED = { "x-ms-": named("x-ms-"), "x-ms-blob-": named("x-ms-blob-") };

/** Most characters of all metadata. */
const MAX_METADATA = 8 * 1024;

export type Metadata = Readonly<Record<string, string>>;

/**
 * The content headers that a request sets, as JSON; null when it sets none.
 *
 * @param prefix `x-ms-` at the Data Lake endpoint, `x-ms-blob-` at the Blob endpoint
 */
export function contentHeadersOf(
  call: Call,
  prefix: "x-ms-" | "x-ms-blob-",
  fallback: ContentHeaders = {},
): string | null {
  const headers: ContentHeaders = { ...fallback };
  for (const [name, named] of NAMED[prefix]) {
    const value = name === "content-md5" ? md5In(call, named) : header(call, named);
    if (value !== undefined) headers[name] = value;
  }
  return Object.keys(headers).length > 0 ? JSON.stringify(headers) : null;
}

/** The metadata in `x-ms-properties` (values in base64) or `x-ms-meta-*`, as JSON; null if none. */
export function metadataOf(call: Call): string | null {
  const properties = header(call, "x-ms-properties");
  const metadata = properties === undefined ? blobMetadata(call) : pathMetadata(properties);
  const size = Object.entries(metadata).reduce(
    (sum, [name, value]) => sum + name.length + value.length,
    0,
  );
  if (size > MAX_METADATA) throw refuse("MetadataTooLarge");
  return Object.keys(metadata).length > 0 ? JSON.stringify(metadata) : null;
}

function pathMetadata(properties: string): Record<string, string> {
  const metadata: Record<string, string> = {};
  for (const pair of properties.split(",").filter((text) => text.trim() !== "")) {
    const equals = pair.indexOf("=");
    const name = pair.slice(0, equals).trim();
    const value = pair.slice(equals + 1).trim();
    if (equals < 1 || !/^[A-Za-z0-9+/]*={0,2}$/.test(value)) throw refuseHeader("x-ms-properties");
    metadata[checked(name)] = Buffer.from(value, "base64").toString();
  }
  return metadata;
}

function blobMetadata(call: Call): Record<string, string> {
  const metadata: Record<string, string> = {};
  const raw = call.request.rawHeaders;
  // Node folds header names to lower case; metadata keeps the case it came in.
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? "";
    if (/^x-ms-meta-/i.test(name)) metadata[checked(name.slice(10))] = raw[index + 1] ?? "";
  }
  return metadata;
}

function checked(name: string): string {
  if (name === "") throw refuse("EmptyMetadataKey");
  if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(name)) throw refuse("InvalidMetadata");
  return name;
}

export function parseMetadata(json: string | null): Metadata {
  return json === null ? {} : (JSON.parse(json) as Metadata);
}

/** Metadata as `x-ms-properties`. */
export function asProperties(metadata: Metadata): string {
  return Object.entries(metadata)
    .map(([name, value]) => `${name}=${Buffer.from(value).toString("base64")}`)
    .join(",");
}

/** Metadata as `x-ms-meta-*` headers. */
export function asMetaHeaders(metadata: Metadata): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata)
      // Values outside of Latin-1 cannot be headers; `x-ms-properties` has them.
      .filter(([, value]) => /^[\t\x20-\x7e\x80-\xff]*$/.test(value))
      .map(([name, value]) => [`x-ms-meta-${name}`, value]),
  );
}

// Cached, as seconds repeat in a listing and formatting is slow.
let dateText = { second: Number.NaN, text: "" };

/** A time in milliseconds since 1970 as HTTP has it. */
export function httpDate(time: number): string {
  const second = Math.floor(time / 1_000);
  if (dateText.second !== second) dateText = { second, text: new Date(time).toUTCString() };
  return dateText.text;
}

/** ETag and time. */
export function versionHeaders(item: { etag: string; modified: number }): Record<string, string> {
  return { ETag: `"${item.etag}"`, "Last-Modified": httpDate(item.modified) };
}

/** All headers of a path but access control and lease. */
export function propertyHeaders(node: Node): Record<string, string | undefined> {
  const metadata = parseMetadata(node.metadata);
  const properties = asProperties(metadata);
  const folder = node.directory ? { "x-ms-meta-hdi_isfolder": "true" } : {};
  const { content, state } = readHeaders(node);
  return {
    "content-type": "application/octet-stream",
    ...content,
    ...(content["content-type"] === "" && { "content-type": undefined }),
    ...versionHeaders(node),
    ...asMetaHeaders(metadata),
    ...folder,
    ...(properties === "" ? {} : { "x-ms-properties": properties }),
    "Accept-Ranges": "bytes",
    "x-ms-creation-time": httpDate(node.created),
    "x-ms-resource-type": node.directory ? "directory" : "file",
    "x-ms-server-encrypted": "true",
    "x-ms-blob-type": typeOf(state),
    ...tierHeaders(state),
    [TRANSACTION]: state.transaction,
    ...(state.sealed && { "x-ms-blob-sealed": "true" }),
    ...(node.expires === null ? {} : { "x-ms-expiry-time": httpDate(node.expires) }),
  };
}

/** Headers about the tier of a blob; an append blob has none. */
export function tierHeaders(state: BlobState): Record<string, string> {
  if (state.type === "AppendBlob") return {};
  const tier = tierNow(state);
  if (tier === undefined) {
    return { "x-ms-access-tier": "Hot", "x-ms-access-tier-inferred": "true" };
  }
  const { rehydration } = state;
  if (tier !== "Archive" || !rehydration) return { "x-ms-access-tier": tier };
  return {
    "x-ms-access-tier": tier,
    "x-ms-archive-status": `rehydrate-pending-to-${rehydration.to.toLowerCase()}`,
    "x-ms-rehydrate-priority": rehydration.priority,
  };
}

/** Headers about the last copy into a blob, if any. */
export function copyHeaders(copy: Copy | undefined): Record<string, string> {
  if (!copy) return {};
  const { id, source, status, size, completed, description } = copy;
  return {
    "x-ms-copy-id": id,
    "x-ms-copy-source": source,
    "x-ms-copy-status": status,
    "x-ms-copy-progress": `${status === "success" ? size : 0}/${size}`,
    ...(completed !== null && { "x-ms-copy-completion-time": httpDate(completed) }),
    ...(description !== null && { "x-ms-copy-status-description": description }),
  };
}

/** Expiry in milliseconds since 1970, null for never; see "Set Blob Expiry". */
export function expiryOf(call: Call, created: number): number | null {
  const option = header(call, "x-ms-expiry-option")?.toLowerCase();
  if (option === "neverexpire") return null;
  const text = header(call, "x-ms-expiry-time");
  if (text === undefined) throw refuse("MissingRequiredHeader");
  if (option === "absolute") {
    const time = date(call, "x-ms-expiry-time") ?? 0;
    if (time <= Date.now()) throw refuseHeader("x-ms-expiry-time");
    return time;
  }
  if (!/^\d{1,16}$/.test(text)) throw refuseHeader("x-ms-expiry-time");
  if (option === "relativetonow") return Date.now() + Number(text);
  if (option === "relativetocreation") return created + Number(text);
  throw refuseHeader("x-ms-expiry-option");
}
