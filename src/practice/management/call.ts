import type { Exchange } from "../exchange.ts";
import { readText, sendJson } from "../exchange.ts";
import { type Principal, Refusal } from "../principal.ts";
import { demand, mayDo } from "./access.ts";
import type { Records } from "./records.ts";

/** One request to Resource Manager by somebody with a valid token. */
export interface Call {
  readonly exchange: Exchange;
  readonly records: Records;
  readonly principal: Principal;
  /** Path without a trailing slash. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** @throws Refusal `AuthorizationFailed` when no role allows it */
  demand(action: string, scope: string): void;
  may(action: string, scope: string): boolean;
}

export function openCall(exchange: Exchange, records: Records, principal: Principal): Call {
  const { pathname, searchParams: query } = exchange.url;
  return {
    exchange,
    records,
    principal,
    path: decodePath(pathname).replace(/\/+$/, ""),
    query,
    demand: (action, scope) => demand(records, principal, action, scope),
    may: (action, scope) => mayDo(records, principal, action, scope),
  };
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new Refusal(400, "BadRequest", "The request URI is not valid.");
  }
}

export function reply({ exchange }: Call, status: number, body: unknown): void {
  sendJson(exchange.response, status, body);
}

/** An answer without a body. */
export function replyEmpty(
  { exchange }: Call,
  status: number,
  headers: Record<string, string> = {},
): void {
  exchange.response.writeHead(status, { ...headers, "content-length": 0 }).end();
}

/**
 * The request's body.
 *
 * @throws Refusal `InvalidRequestContent` when it is no JSON object
 */
export async function readBody({ exchange }: Call): Promise<Record<string, unknown>> {
  const text = await readText(exchange.request);
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === "object" && body !== null) return body as Record<string, unknown>;
  } catch {
    // Falls through to the one refusal there is for it.
  }
  throw new Refusal(
    400,
    "InvalidRequestContent",
    "The request content was invalid and could not be deserialized.",
  );
}
