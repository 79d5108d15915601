import { createHmac, timingSafeEqual } from "node:crypto";
import type { Keys } from "../storage/account-keys.ts";
import type { Call } from "../wire/lake-call.ts";

/** HMAC-SHA256 in base64, the signature of Azure Storage. */
export function sign(key: string, text: string): string {
  return createHmac("sha256", Buffer.from(key, "base64")).update(text, "utf8").digest("base64");
}

/** Whether a signature is of one of the texts, by one of the keys. */
export function isSigned(
  signature: string,
  keys: readonly string[],
  texts: readonly string[],
): boolean {
  const given = Buffer.from(signature, "base64");
  return keys.some((key) =>
    texts.some((text) => {
      const right = Buffer.from(sign(key, text), "base64");
      return right.length === given.length && timingSafeEqual(right, given);
    }),
  );
}

const MAX_AGE_MS = 15 * 60_000;

// Headers signed by value, in order; see "Authorize with Shared Key".
const SIGNED_HEADERS = `content-encoding content-language content-length content-md5 content-type
  date if-modified-since if-match if-none-match if-unmodified-since range`.split(/\s+/);

/** Whether a request's `SharedKey` or `SharedKeyLite` authorization is valid. */
export function isSharedKeySigned(
  call: Call,
  authorization: string,
  keys: readonly string[],
): boolean {
  const match = /^(SharedKey|SharedKeyLite) ([a-z0-9]+):(.+)$/i.exec(authorization);
  if (!match || match[2] !== call.account || !isFresh(call)) return false;
  const isLite = match[1]?.toLowerCase() === "sharedkeylite";
  const texts = HEADER_ORDERS.map((order) =>
    isLite ? liteText(call, order) : sharedKeyText(call, order),
  );
  return isSigned(match[3] ?? "", keys, texts);
}

/** Whether the date of a request is not older than 15 minutes. */
function isFresh(call: Call): boolean {
  const time = Date.parse(value(call, "x-ms-date") || value(call, "date"));
  return Math.abs(Date.now() - time) <= MAX_AGE_MS;
}

function value(call: Call, name: string): string {
  const text = call.request.headers[name];
  return typeof text === "string" ? text : (text?.join(",") ?? "");
}

function sharedKeyText(call: Call, order: HeaderOrder): string {
  const values = SIGNED_HEADERS.map((name) => {
    const text = value(call, name);
    if (name === "content-length" && text === "0") return "";
    return name === "date" && call.request.headers["x-ms-date"] ? "" : text;
  });
  const head = [call.request.method, ...values].join("\n");
  return `${head}\n${canonicalHeaders(call, order)}${canonicalResource(call)}`;
}

function liteText(call: Call, order: HeaderOrder): string {
  const date = call.request.headers["x-ms-date"] ? "" : value(call, "date");
  const head = [call.request.method, value(call, "content-md5"), value(call, "content-type"), date];
  const comp = call.query.get("comp");
  const resource = `/${call.account}${rawPath(call)}${comp === null ? "" : `?comp=${comp}`}`;
  return `${head.join("\n")}\n${canonicalHeaders(call, order)}${resource}`;
}

type HeaderOrder = (one: string, two: string) => number;
const ordinal: HeaderOrder = (one, two) => (one < two ? -1 : 1);
const withoutHyphens: HeaderOrder = (one, two) =>
  ordinal(one.replaceAll("-", ""), two.replaceAll("-", ""));

// The documentation says lexicographic; some clients sort as .NET does, which ignores hyphens.
const HEADER_ORDERS = [ordinal, withoutHyphens];

function canonicalHeaders(call: Call, order: HeaderOrder): string {
  return Object.keys(call.request.headers)
    .filter((name) => name.startsWith("x-ms-"))
    .sort(order)
    .map((name) => `${name}:${value(call, name).trimStart()}\n`)
    .join("");
}

function rawPath(call: Call): string {
  return (call.request.url ?? "/").split("?", 1)[0] ?? "/";
}

function canonicalResource(call: Call): string {
  const byName = new Map<string, string[]>();
  for (const [name, text] of call.query) {
    const key = name.toLowerCase();
    byName.set(key, [...(byName.get(key) ?? []), text]);
  }
  const query = [...byName]
    .sort(([one], [two]) => ordinal(one, two))
    .map(([name, values]) => `\n${name}:${values.sort().join(",")}`)
    .join("");
  return `/${call.account}${rawPath(call)}${query}`;
}

/** What a user delegation key is for; times in ISO 8601, as in the signature. */
interface Delegation {
  readonly id: string;
  readonly tenantId: string;
  readonly start: string;
  readonly expiry: string;
  readonly service: string;
  readonly version: string;
}

/** A user delegation key, in base64. It is derived from what it is for, so that none is stored. */
export function delegationKey(keys: Keys, delegation: Delegation): string {
  const { id, tenantId, start, expiry, service, version } = delegation;
  return sign(keys.delegation(), [id, tenantId, start, expiry, service, version].join("\n"));
}
