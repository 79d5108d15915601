import { redact } from "./redact.ts";

/** A reply of any HTTP client. */
export interface Reply {
  readonly status: number;
  readonly headers: { get(name: string): string | undefined };
  readonly request: {
    readonly url: string;
    readonly headers: { get(name: string): string | undefined };
  };
  /** Absent where the body was not read. */
  readonly bodyAsText?: string | null;
}

/**
 * A reply of a proxy, a gateway or the sign-in page of a network, or one that was changed by such.
 * It has no `statusCode`, so that it is never taken for the service's "not found" or "forbidden".
 */
export class ForeignReply extends Error {
  override readonly name = "ForeignReply";
  readonly code = NOT_AZURE;
  readonly status: number;
  /** What it looks like, and a remedy, in two lines. */
  readonly hint: string;

  /** @param reason why it is not the service's: `it has no ETag` */
  constructor(reply: Reply, reason: string) {
    const { host } = new URL(reply.request.url);
    const { status } = reply;
    const place = `something between this machine and ${host}`;
    super(status ? `${place} answered in its place (${status})` : `${place} leads astray`);
    this.status = status;
    this.hint =
      `What came is ${look(reply)}: ${reason}.\n` +
      "Open a page in a browser, where a network may ask to sign in first; check HTTPS_PROXY; " +
      `or ask who runs the network to let ${host} through unchanged.`;
  }
}

/** Code of the error for a ForeignReply. */
export const NOT_AZURE = "NOT_AZURE";

/** Request ids: each service of Azure sends at least one with every reply. */
const REQUEST_IDS = [
  "x-ms-request-id",
  "x-ms-correlation-request-id", // Resource Manager's own
];
const CLIENT_REQUEST_ID = "x-ms-client-request-id";

/**
 * Why a reply is not the service's, by its head; undefined when it may be.
 *
 * @param success statuses of success, where known
 */
export function foreignReason(reply: Reply, success?: readonly number[]): string | undefined {
  const { status, headers, request } = reply;
  if (status >= 300 && status < 400) return "it leads elsewhere, which the service never does";
  if (!REQUEST_IDS.some((name) => headers.get(name))) {
    return "it has no x-ms-request-id, which the service gives every reply";
  }
  const echoed = headers.get(CLIENT_REQUEST_ID);
  const sent = request.headers.get(CLIENT_REQUEST_ID);
  if (echoed && sent && echoed !== sent) return "it is the reply to another request";
  if (status < 300 && success && !success.includes(status)) {
    return `its status should be ${success.join(" or ")}`;
  }
  return;
}

/** @throws ForeignReply when a reply is not the service's */
export function refuseForeign(reply: Reply, success?: readonly number[]): void {
  const reason = foreignReason(reply, success);
  if (reason) throw new ForeignReply(reply, reason);
}

/** A header. @throws ForeignReply without it */
export function headerOf(reply: Reply, name: string): string {
  const value = reply.headers.get(name);
  if (value) return value;
  throw new ForeignReply(reply, `it has no ${name}`);
}

/** A header that counts bytes. @throws ForeignReply without it */
export function lengthOf(reply: Reply, name = "Content-Length"): number {
  const value = headerOf(reply, name);
  const length = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isSafeInteger(length)) return length;
  throw new ForeignReply(reply, `its ${name} is no number of bytes`);
}

/** A header that is a time. @throws ForeignReply without it */
export function timeOf(reply: Reply, name: string): Date {
  const time = new Date(headerOf(reply, name));
  if (!Number.isNaN(time.getTime())) return time;
  throw new ForeignReply(reply, `its ${name} is no time`);
}

/** The object in a reply's JSON. @throws ForeignReply where it is anything else */
export function jsonOf(reply: Reply): Record<string, unknown> {
  const type = reply.headers.get("Content-Type") ?? "";
  if (/\bjson\b/i.test(type)) {
    try {
      const value: unknown = JSON.parse(reply.bodyAsText ?? "");
      if (typeof value === "object" && value !== null && !Array.isArray(value)) {
        return value as Record<string, unknown>;
      }
    } catch {
      throw new ForeignReply(reply, "its JSON is broken");
    }
  }
  throw new ForeignReply(reply, "it should be an object in JSON");
}

/** `text/html "Sign in to Guest Wi-Fi" (Server: nginx, Via: 1.1 cache)`. */
function look({ headers, bodyAsText }: Reply): string {
  const type = short(headers.get("Content-Type")?.split(";")[0]) || "a reply without a type";
  const title = short(/<title[^>]*>([^<]{1,400})/i.exec((bodyAsText ?? "").slice(0, 16_384))?.[1]);
  const location = headers.get("Location");
  const facts = [
    ["Server", short(headers.get("Server"))],
    ["Via", short(headers.get("Via"))],
    // The host only: the rest may have parts of the request.
    ["to", location && URL.canParse(location) ? short(new URL(location).host) : ""],
  ].flatMap(([name, value]) => (value ? [`${name}: ${value}`] : []));
  return [type, title && JSON.stringify(title), facts.length > 0 && `(${facts.join(", ")})`]
    .filter(Boolean)
    .join(" ");
}

/** Untrusted text as a few words on one line. */
function short(text = ""): string {
  const words = text.replace(/[^\p{L}\p{N}\p{P}\p{S}]+/gu, " ").trim();
  return redact(words.length > 80 ? `${words.slice(0, 80)}…` : words);
}
