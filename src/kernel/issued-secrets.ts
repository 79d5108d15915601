import { channel, subscribe } from "node:diagnostics_channel";
import { writeSync } from "node:fs";
import type { ClientRequest, IncomingMessage } from "node:http";
import { gunzipSync } from "node:zlib";
import { secretsInReply, secretsInRequest } from "./wire-secrets.ts";

/** Variable with the file descriptor on which the headless runner reads secrets. */
export const SECRETS_DESCRIPTOR = "NOTELAKE_SECRETS_DESCRIPTOR";

/** Key on `globalThis` of a function that is called with secrets. */
const ISSUED = Symbol.for("notelake.issuedSecret");

/** Most bytes that are read of a body; those of sign-ins and key lists are shorter. */
const MOST_BYTES = 256 * 1024;
const TEXT = /json|xml|x-www-form-urlencoded|text\/plain/i;

/**
 * Sends the runner each secret that this process gets or uses, as a line of JSON, so that it can
 * redact outputs: inspects the requests of `node:http` and of `fetch`. Does nothing without a
 * runner.
 */
export function reportIssuedSecrets(env: NodeJS.ProcessEnv = process.env): void {
  const descriptor = Number(env[SECRETS_DESCRIPTOR]);
  // Programs that cells start have no such descriptor.
  delete env[SECRETS_DESCRIPTOR];
  if (!descriptor) return;
  const known = new Set<string>();
  const tell = (kind: string, value: string) => {
    if (value.length < 8 || known.has(value)) return;
    known.add(value);
    try {
      writeSync(descriptor, `${JSON.stringify({ kind, value })}\n`);
    } catch {
      // The runner has ended.
    }
  };
  Object.assign(globalThis, { [ISSUED]: tell });
  readHttp(tell);
  readFetch(tell);
}

type Tell = (kind: string, value: string) => void;

function readHttp(tell: Tell): void {
  subscribe("http.client.request.created", (message) => {
    const { request } = message as { request: ClientRequest };
    const write = request.write;
    const end = request.end;
    const note = (chunk: unknown) => {
      if (typeof chunk === "string" || chunk instanceof Uint8Array) {
        if (chunk.length < MOST_BYTES) secretsInRequest(Buffer.from(chunk).toString(), tell);
      }
    };
    request.write = function (this: ClientRequest, ...args: unknown[]) {
      note(args[0]);
      return Reflect.apply(write, this, args);
    };
    request.end = function (this: ClientRequest, ...args: unknown[]) {
      note(args[0]);
      for (const name of ["authorization", "x-identity-header", "secret"]) {
        const value = this.getHeader(name);
        if (typeof value === "string") secretsInRequest(`${name}: ${value}`, tell);
      }
      secretsInRequest(this.path ?? "", tell);
      return Reflect.apply(end, this, args);
    };
  });
  subscribe("http.client.response.finish", (message) => {
    const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
    if (!TEXT.test(response.headers["content-type"] ?? "")) return;
    const body = new Body(request.path, response.headers["content-encoding"], tell);
    // All bytes of a reply pass through `push`, however it is read.
    const push = response.push;
    response.push = function (this: IncomingMessage, chunk: unknown, ...rest: unknown[]) {
      if (chunk === null) body.end();
      else body.add(chunk);
      return Reflect.apply(push, this, [chunk, ...rest]);
    };
  });
}

/** The body of a reply as it arrives. */
class Body {
  readonly #path: string;
  readonly #encoding: string | undefined;
  readonly #tell: Tell;
  #chunks: Uint8Array[] = [];
  #size = 0;

  constructor(path: string, encoding: string | undefined, tell: Tell) {
    this.#path = path;
    this.#encoding = encoding;
    this.#tell = tell;
  }

  add(chunk: unknown): void {
    if (!(chunk instanceof Uint8Array) || this.#size > MOST_BYTES) return;
    this.#size += chunk.length;
    this.#chunks.push(Buffer.from(chunk));
  }

  end(): void {
    let all = Buffer.concat(this.#chunks);
    this.#chunks = [];
    try {
      if (this.#encoding === "gzip") all = gunzipSync(all, { maxOutputLength: 4 * MOST_BYTES });
    } catch {
      return;
    }
    secretsInReply(this.#path, all.toString(), this.#tell);
  }
}

interface FetchRequest {
  readonly path: string;
  readonly headers?: readonly string[] | string;
}

function readFetch(tell: Tell): void {
  const bodies = new WeakMap<object, Body>();
  const on = (name: string, act: (message: never) => void) =>
    channel(`undici:request:${name}`).subscribe(act as (message: unknown) => void);
  on("create", ({ request }: { request: FetchRequest }) => {
    const headers = Array.isArray(request.headers) ? request.headers : [request.headers ?? ""];
    headers.forEach((text, index) => {
      const name = String(headers[index - 1] ?? "");
      if (typeof text === "string") secretsInRequest(`${name}: ${text}`, tell);
    });
    secretsInRequest(request.path, tell);
  });
  on("bodyChunkSent", ({ chunk }: { chunk: Uint8Array | string }) => {
    if (chunk.length < MOST_BYTES) secretsInRequest(Buffer.from(chunk).toString(), tell);
  });
  on("headers", ({ request, response }: { request: FetchRequest; response: FetchResponse }) => {
    const headers = response.headers.map(String);
    const value = (name: string) => headers[headers.findIndex((h) => h.toLowerCase() === name) + 1];
    if (!TEXT.test(value("content-type") ?? "")) return;
    const encoding = headers.some((h) => h.toLowerCase() === "content-encoding");
    bodies.set(
      request,
      new Body(request.path, encoding ? value("content-encoding") : undefined, tell),
    );
  });
  on("bodyChunkReceived", ({ request, chunk }: { request: FetchRequest; chunk: Uint8Array }) => {
    bodies.get(request)?.add(chunk);
  });
  on("trailers", ({ request }: { request: FetchRequest }) => bodies.get(request)?.end());
}

interface FetchResponse {
  readonly headers: readonly (Buffer | string)[];
}
