import { randomUUID } from "node:crypto";
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";

import type { RequestNotes } from "./requests/request-notes.ts";

/** One request and the response to it. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Scheme and host as the client sent them, for URLs in answers. */
  readonly url: URL;
  /** For the request log. */
  readonly notes: RequestNotes;
}

/** A part of the practice cloud that answers requests. */
export type Handler = (exchange: Exchange) => Promise<void>;

// More than any form, document or token request has.
const MAX_BODY_BYTES = 1024 * 1024;

export class BodyTooLarge extends Error {
  override readonly name = "BodyTooLarge";
}

export async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new BodyTooLarge(`more than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The fields of a form post; empty for any other body. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  return new URLSearchParams(await readText(request));
}

function send(
  response: ServerResponse,
  status: number,
  body: string,
  headers: OutgoingHttpHeaders,
): void {
  response.writeHead(status, {
    "cache-control": "no-store, no-cache",
    "x-content-type-options": "nosniff",
    "x-ms-request-id": randomUUID(),
    ...headers,
    "content-length": Buffer.byteLength(body),
  });
  response.end(response.req.method === "HEAD" ? undefined : body);
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: OutgoingHttpHeaders = {},
): void {
  send(response, status, JSON.stringify(body), {
    "content-type": "application/json; charset=utf-8",
    ...headers,
  });
}

/** Sends a page with a strict content security policy, which cannot be framed. */
export function sendPage(response: ServerResponse, status: number, html: string): void {
  send(response, status, html, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy":
      "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; " +
      "frame-ancestors 'none'; base-uri 'none'",
    "referrer-policy": "no-referrer",
  });
}

export function redirect(response: ServerResponse, location: string): void {
  send(response, 303, "", { location });
}
