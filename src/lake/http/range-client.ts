import type { ConnectionOptions } from "node:tls";
import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
} from "@azure/core-rest-pipeline";
import { RangeConnection, type ReplySink, type Taken } from "./range-connection.ts";

/** Receives a reply as it arrives. */
export interface ReplyReceiver {
  head(reply: PipelineResponse): void;
  /** See `BlockSink`. */
  bytes(bytes: Uint8Array): Taken;
}

interface ReceivingOptions {
  /** Milliseconds without a byte after which the connection counts as dead. */
  readonly idle: number;
  /** Whether the body of a reply goes to the receiver, by its head. */
  isRequestedRange(reply: PipelineResponse): boolean;
}

/** Characters kept of the body of any other reply: a refusal, or a page of a proxy. */
const LONGEST_REFUSAL = 64 * 1024;

/** Connections kept open for the next request. */
const MOST_IDLE = 32;

/** Connections for ranges of files, each used for one request at a time. */
export class RangePool {
  readonly #dial: (url: URL) => ConnectionOptions;
  readonly #idle = new Map<string, RangeConnection[]>();

  /** @param dial how to connect to the host of a URL */
  constructor(dial: (url: URL) => ConnectionOptions) {
    this.#dial = dial;
  }

  /** A client that passes the body of a requested range to `receiver` instead of returning it. */
  client(receiver: ReplyReceiver, options: ReceivingOptions): HttpClient {
    return { sendRequest: (request) => this.#send(request, receiver, options) };
  }

  async #send(
    request: PipelineRequest,
    receiver: ReplyReceiver,
    { idle, isRequestedRange }: ReceivingOptions,
  ): Promise<PipelineResponse> {
    const url = new URL(request.url);
    const connection = this.#take(url);
    let response: PipelineResponse | undefined;
    let isRequested = false;
    let refusal = "";
    const passOn: ReplySink = {
      head: ({ status, headers }) => {
        response = { request, status, headers: createHttpHeaders(headers) };
        isRequested = isRequestedRange(response);
        if (isRequested) receiver.head(response);
      },
      bytes: (bytes) => {
        if (isRequested) return receiver.bytes(bytes);
        refusal += Buffer.from(bytes).toString("latin1");
        if (refusal.length > LONGEST_REFUSAL) throw new LongRefusal();
        return;
      },
    };
    const signal = request.abortSignal as AbortSignal | undefined;
    await connection.request(requestText(request, url), passOn, { idle, signal }).catch((error) => {
      if (!(error instanceof LongRefusal)) throw error;
    });
    if (connection.usable) this.#keep(url, connection);
    if (!response) throw new Error("a reply without a head");
    return refusal
      ? { ...response, bodyAsText: Buffer.from(refusal, "latin1").toString() }
      : response;
  }

  #take(url: URL): RangeConnection {
    const idle = this.#idle.get(url.host) ?? [];
    for (let kept = idle.pop(); kept; kept = idle.pop()) if (kept.usable) return kept;
    return new RangeConnection(this.#dial(url));
  }

  #keep(url: URL, connection: RangeConnection): void {
    const idle = this.#idle.get(url.host) ?? [];
    this.#idle.set(url.host, idle);
    if (idle.length < MOST_IDLE) idle.push(connection);
    else connection.close();
  }
}

/** A refusal whose body is too long to read to its end: its connection is closed. */
class LongRefusal extends Error {}

function requestText(request: PipelineRequest, url: URL): string {
  const lines = [`GET ${url.pathname}${url.search} HTTP/1.1`, `Host: ${url.host}`];
  for (const [name, value] of request.headers) {
    if (/[\r\n]/.test(value)) throw new Error(`the header ${name} has a line break`);
    lines.push(`${name}: ${value}`);
  }
  return `${lines.join("\r\n")}\r\n\r\n`;
}
