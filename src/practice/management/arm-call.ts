import { randomUUID } from "node:crypto";
import { type Exchange, readText, sendJson } from "../exchange.ts";
import type { PracticeLake } from "../lake/index.ts";
import type { Principal } from "../principal.ts";
import { Refusal } from "../service-refusal.ts";
import { type AccountRecord, type Records, SUBSCRIPTION_SCOPE } from "./records.ts";
import { demand, mayDo } from "./role-checks.ts";

/** A request to Resource Manager with a valid token. */
export interface Call {
  readonly exchange: Exchange;
  readonly records: Records;
  readonly principal: Principal;
  /** Path without double slashes and a trailing one. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** `/subscriptions/ID` of the path. */
  readonly subscription: string;
  /** @throws Refusal `AuthorizationFailed` when no role allows it */
  demand(action: string, scope: string): void;
  may(action: string, scope: string): boolean;
  /** Creates an account's lake, unless it exists. */
  createAccount(account: AccountRecord): void;
  /** Removes an account and every byte in it. */
  removeAccount(account: AccountRecord): Promise<void>;
  readonly lake: PracticeLake;
}

/** Method, path and handler; captures of the path are its arguments. */
export type Route = readonly [
  method: string,
  path: string,
  answer: (call: Call, ...parts: string[]) => Promise<void>,
];

export function openCall(
  exchange: Exchange,
  records: Records,
  lake: PracticeLake,
  principal: Principal,
): Call {
  const { pathname, searchParams: query } = exchange.url;
  let asked: string | undefined;
  const path = decodePath(pathname).replace(/\/+/g, "/").replace(/\/$/, "");
  return {
    exchange,
    records,
    principal,
    path,
    query,
    subscription: /^\/subscriptions\/[^/]+/i.exec(path)?.[0].toLowerCase() ?? SUBSCRIPTION_SCOPE,
    demand: (action, scope) => {
      // The first action is that of the request.
      asked ??= action;
      exchange.notes.operation = asked;
      demand(records, principal, action, scope);
    },
    may: (action, scope) => mayDo(records, principal, action, scope),
    lake,
    createAccount: (account) => {
      lake.createAccount(account.name, account.generation);
      records.putAccount(account);
    },
    removeAccount: async (account) => {
      records.removeAccount(account);
      await lake.removeAccount(account.name, account.generation);
    },
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
  const own = { "x-ms-request-id": randomUUID(), "content-length": 0 };
  exchange.response.writeHead(status, { ...headers, ...own }).end();
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
    // Refused below.
  }
  throw new Refusal(
    400,
    "InvalidRequestContent",
    "The request content was invalid and could not be deserialized.",
  );
}

/** Cuts a list by `$top`, with a link to the rest as `nextLink`. */
export function paginate<T>({ exchange, query }: Call, all: readonly T[]) {
  const top = Number(query.get("$top") ?? all.length);
  const skip = Number(query.get("$skiptoken") ?? 0);
  if (!Number.isInteger(top) || top < 0 || !Number.isInteger(skip)) {
    throw new Refusal(400, "InvalidTopParameter", "The value of $top is not valid.");
  }
  const value = all.slice(skip, skip + top);
  if (skip + top >= all.length) return { value };
  const next = new URL(exchange.url);
  next.searchParams.set("$skiptoken", String(skip + top));
  return { value, nextLink: next.href };
}
