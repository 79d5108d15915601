import { Agent } from "node:https";
import { isIP } from "node:net";
import { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import type { ConnectionOptions } from "node:tls";
import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
  type HttpMethods,
  type Pipeline,
  type PipelinePolicy,
  type PipelineRequest,
  type PipelineResponse,
  RestError,
  setClientRequestIdPolicy,
  userAgentPolicy,
} from "@azure/core-rest-pipeline";
import { storageSharedKeyCredentialPolicy } from "@azure/storage-common";
import { type Cloud, tlsSettings } from "../core/cloud.ts";
import { LakeError } from "../core/errors.ts";
import { isTokenCredential, type LakeCredential } from "./credential.ts";
import { Gate } from "./gate.ts";
import { RangePool } from "./range-client.ts";
import { type ReplyTaker, UnsupportedReply } from "./range-connection.ts";
import { stalled } from "./retry.ts";

/** One request, as the service's reference describes it. */
export interface WireRequest {
  readonly method: HttpMethods;
  readonly url: string;
  readonly headers?: Record<string, string>;
  readonly body?: Uint8Array;
  /** Milliseconds in which the reply's head must arrive. */
  readonly timeout?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Ranges of files that are read at once, of all files together. */
const MOST_RANGES = 24;
const STREAMED = new Set([200, 206]);

/**
 * How requests reach `cloud`. On the practice cloud no connection can lead anywhere but to its
 * port on 127.0.0.1, whatever a URL, a resolver or a proxy setting says.
 */
export interface Network {
  readonly agent: Agent;
  /** Absent where a proxy stands between: that takes a full HTTP client. */
  readonly ranges?: RangePool;
}

export function openNetwork(cloud: Cloud): Network {
  const dial = dialling(cloud);
  const proxied = cloud.kind === "azure" && PROXIES.some((name) => process.env[name]);
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 64,
    ...tlsSettings(cloud),
    ...(proxied && { proxyEnv: process.env }),
  });
  if (cloud.kind === "azure") return { agent, ...(!proxied && { ranges: new RangePool(dial) }) };
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const url = new URL(`https://${options.host}:${options.port}`);
    return connect({ ...options, ...dial(url) }, callback);
  };
  return { agent, ranges: new RangePool(dial) };
}

const PROXIES = ["HTTPS_PROXY", "https_proxy"];

function dialling(cloud: Cloud): (url: URL) => ConnectionOptions & { host: string; port: number } {
  const settings = tlsSettings(cloud);
  return ({ host, hostname, port }) => {
    const servername = isIP(hostname) ? {} : { servername: hostname };
    if (cloud.kind === "azure") {
      return { ...settings, ...servername, host: hostname, port: Number(port || 443) };
    }
    if (Number(port) !== cloud.loopback?.port) {
      throw new LakeError("UNREACHABLE", `the practice cloud is not at ${host}`, {
        hint: "While the practice cloud is in use, nothing is sent elsewhere.",
      });
    }
    return { ...settings, ...servername, host: "127.0.0.1", port: Number(port) };
  };
}

/** Signs requests with a credential and sends them; a refusal becomes a RestError. */
export class Transport {
  readonly #network: Network;
  readonly #pipeline: Pipeline;
  readonly #client = createDefaultHttpClient();
  readonly #gate = new Gate(MOST_RANGES);
  readonly #sas: string;
  /** Whether replies so far told their length, as the fast client needs. */
  #plain = true;

  constructor(network: Network, account: string, credential: LakeCredential, scope: string) {
    this.#network = network;
    this.#pipeline = createEmptyPipeline();
    this.#pipeline.addPolicy(userAgentPolicy({ userAgentPrefix: "notelake" }));
    this.#pipeline.addPolicy(setClientRequestIdPolicy("x-ms-client-request-id"));
    const signing = signingPolicy(account, credential, scope);
    if (signing) this.#pipeline.addPolicy(signing, { phase: "Sign" });
    this.#sas = "sas" in credential ? credential.sas.replace(/^\?/, "") : "";
  }

  /** @throws RestError with the service's code, or with the network's when no reply came */
  async send(wire: WireRequest): Promise<PipelineResponse> {
    return this.#send(this.#request(wire), this.#client);
  }

  /** Sends a GET whose reply goes to `taker`; fails when no byte comes for `idle` milliseconds. */
  receive(wire: WireRequest, taker: ReplyTaker, idle: number): Promise<void> {
    return this.#gate.run(() => this.#receive(wire, taker, idle));
  }

  async #receive(wire: WireRequest, taker: ReplyTaker, idle: number): Promise<void> {
    const { ranges } = this.#network;
    if (ranges && this.#plain) {
      try {
        await this.#send(this.#request(wire), ranges.client(taker, idle));
        return;
      } catch (error) {
        if (!(error instanceof UnsupportedReply)) throw error;
        this.#plain = false;
      }
    }
    const { status, headers, body } = await this.#open(wire, idle);
    taker.head({ status, headers });
    for await (const chunk of guardIdle(body, idle)) await taker.bytes(chunk);
  }

  /**
   * Asks for a text; fails when no byte comes for `idle` milliseconds.
   *
   * @param onHead gets the headers of the reply as soon as they are there, before its body is
   */
  async readText(
    wire: WireRequest,
    onHead: (headers: Readonly<Record<string, string>>) => void,
    idle: number,
  ): Promise<string> {
    const { headers, body } = await this.#open(wire, idle);
    onHead(headers);
    const chunks: Buffer[] = [];
    const timer = setTimeout(() => body.destroy(stalled(idle)), idle);
    body.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      timer.refresh();
    });
    await finished(body).finally(() => clearTimeout(timer));
    return Buffer.concat(chunks).toString();
  }

  /** Sends a GET, and gives its reply back while the body is still on its way. */
  async #open(wire: WireRequest, idle: number) {
    const request = this.#request({ ...wire, timeout: idle });
    request.streamResponseStatusCodes = STREAMED;
    const { status, headers, readableStreamBody } = await this.#send(request, this.#client);
    const body = (readableStreamBody ?? Readable.from([])) as Readable;
    return { status, headers: headers.toJSON(), body };
  }

  #request(wire: WireRequest): PipelineRequest {
    const { method, url, headers = {}, body, timeout = 0, signal } = wire;
    const request = createPipelineRequest({
      method,
      url: this.#sas ? `${url}${url.includes("?") ? "&" : "?"}${this.#sas}` : url,
      headers: createHttpHeaders(headers),
      timeout,
      ...(signal && { abortSignal: signal }),
    });
    request.agent = this.#network.agent;
    if (body) request.body = body;
    // Shared Key signs the length, so it must be there before the client would add it.
    if (method !== "GET" && method !== "HEAD") {
      request.headers.set("Content-Length", String(body?.length ?? 0));
    }
    return request;
  }

  async #send(request: PipelineRequest, client: HttpClient): Promise<PipelineResponse> {
    const response = await this.#pipeline.sendRequest(client, request).catch((error) => {
      const late = error.name === "AbortError" && !request.abortSignal?.aborted;
      throw late ? stalled(request.timeout) : error;
    });
    if (response.status < 300) return response;
    throw refusalOf(response);
  }
}

/** The chunks of a body; destroys it when none comes for `idle` milliseconds. */
async function* guardIdle(body: Readable, idle: number): AsyncGenerator<Buffer> {
  let waiting = true;
  const timer = setTimeout(() => {
    // While a chunk is being dealt with, the silence is ours.
    if (waiting) body.destroy(stalled(idle));
    else timer.refresh();
  }, idle);
  try {
    for await (const chunk of body) {
      waiting = false;
      yield chunk;
      waiting = true;
      timer.refresh();
    }
  } finally {
    clearTimeout(timer);
    body.destroy();
  }
}

function signingPolicy(
  account: string,
  credential: LakeCredential,
  scope: string,
): PipelinePolicy | undefined {
  if (isTokenCredential(credential)) {
    return bearerTokenAuthenticationPolicy({ credential, scopes: scope });
  }
  if ("sas" in credential) return;
  const accountKey = Buffer.from(credential.accountKey, "base64");
  return storageSharedKeyCredentialPolicy({ accountName: account, accountKey });
}

/** The service's refusal, with the code and message of its body where the headers have none. */
function refusalOf(response: PipelineResponse): RestError {
  const told = errorInBody(response.bodyAsText ?? "");
  const code = response.headers.get("x-ms-error-code") ?? told.code;
  return new RestError(told.message ?? `status ${response.status}`, {
    statusCode: response.status,
    request: response.request,
    response,
    ...(code && { code }),
  });
}

function errorInBody(body: string): { code?: string; message?: string } {
  try {
    const { error = {}, RemoteException: remote = {} } = JSON.parse(body);
    return { code: error.code ?? remote.exception, message: error.message ?? remote.message };
  } catch {
    const code = /<Code>([^<]+)<\/Code>/.exec(body)?.[1];
    const message = /<Message>([^<]+)<\/Message>/.exec(body)?.[1];
    return { ...(code && { code }), ...(message && { message }) };
  }
}
