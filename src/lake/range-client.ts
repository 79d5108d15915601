import type { ConnectionOptions } from "node:tls";
import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
} from "@azure/core-rest-pipeline";
import { RangeConnection, type ReplyTaker } from "./range-connection.ts";

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

  /** A client that passes the body of a successful reply to `taker` instead of returning it. */
  client(taker: ReplyTaker, idle: number): HttpClient {
    return { sendRequest: (request) => this.#send(request, taker, idle) };
  }

  async #send(
    request: PipelineRequest,
    taker: ReplyTaker,
    idle: number,
  ): Promise<PipelineResponse> {
    const url = new URL(request.url);
    const connection = this.#take(url);
    let response: PipelineResponse | undefined;
    let refusal = "";
    const passOn: ReplyTaker = {
      head: (head) => {
        const { status, headers } = head;
        response = { request, status, headers: createHttpHeaders(headers) };
        if (status < 300) taker.head(head);
      },
      bytes: (bytes) => {
        if (response && response.status < 300) return taker.bytes(bytes);
        refusal += Buffer.from(bytes).toString("latin1");
        return;
      },
    };
    const signal = request.abortSignal as AbortSignal | undefined;
    await connection.request(requestText(request, url), passOn, { idle, signal });
    if (connection.usable) this.#keep(url, connection);
    if (!response) throw new Error("a reply without a head");
    return refusal ? { ...response, bodyAsText: decodeUtf8(refusal) } : response;
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

function requestText(request: PipelineRequest, url: URL): string {
  const lines = [`GET ${url.pathname}${url.search} HTTP/1.1`, `Host: ${url.host}`];
  for (const [name, value] of request.headers) {
    if (/[\r\n]/.test(value)) throw new Error(`the header ${name} has a line break`);
    lines.push(`${name}: ${value}`);
  }
  return `${lines.join("\r\n")}\r\n\r\n`;
}

function decodeUtf8(latin1: string): string {
  return Buffer.from(latin1, "latin1").toString();
}
