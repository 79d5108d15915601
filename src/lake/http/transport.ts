import { Readable } from "node:stream";
import { finished } from "node:stream/promises";
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
import pLimit from "p-limit";
import { ForeignReply, foreignReason } from "../../core/azure-reply.ts";
import { isTokenCredential, type LakeCredential } from "../lake-credential.ts";
import type { Network } from "./network.ts";
import type { ReplyReceiver } from "./range-client.ts";
import { UnsupportedReply } from "./range-connection.ts";
import { persist, persistOnce, type RetryPolicy, stalled } from "./retry.ts";

/** One request, as the service's reference describes it. */
export interface WireRequest {
  readonly method: HttpMethods;
  readonly url: string;
  /** Statuses of success; any other below 300 is not an answer of the service. */
  readonly success: readonly number[];
  readonly headers?: Record<string, string>;
  readonly body?: Uint8Array;
  readonly signal?: AbortSignal | undefined;
}

/** Ranges read at once, of all files of a lake together. */
const MOST_RANGES = 24;

/** What a Transport is made of. */
export interface TransportParts {
  readonly network: Network;
  readonly account: string;
  readonly credential: LakeCredential;
  /** Scope of the tokens, where the credential gives tokens. */
  readonly scope: string;
  readonly retryPolicy: RetryPolicy;
}

/** Signs requests with a credential and sends them; a refusal becomes a RestError. */
export class Transport {
  readonly retryPolicy: RetryPolicy;
  /** Whether requests carry a token, whose owner is subject to access control lists. */
  readonly hasToken: boolean;
  readonly #network: Network;
  readonly #pipeline: Pipeline;
  readonly #client = createDefaultHttpClient();
  readonly #limit = pLimit(MOST_RANGES);
  readonly #sas: string;
  /** Whether replies so far had a Content-Length, as `RangeConnection` needs. */
  #hasLengths = true;

  constructor({ network, account, credential, scope, retryPolicy }: TransportParts) {
    this.retryPolicy = retryPolicy;
    this.hasToken = isTokenCredential(credential);
    this.#network = network;
    this.#pipeline = createEmptyPipeline();
    this.#pipeline.addPolicy(userAgentPolicy({ userAgentPrefix: "notelake" }));
    this.#pipeline.addPolicy(setClientRequestIdPolicy("x-ms-client-request-id"));
    const signing = signingPolicy(account, credential, scope);
    if (signing) this.#pipeline.addPolicy(signing, { phase: "Sign" });
    this.#sas = "sas" in credential ? credential.sas.replace(/^\?/, "") : "";
  }

  /**
   * Sends a request, with retries.
   *
   * @param onHead called with each reply before its body arrives
   * @throws RestError with the service's code, or with the network's when no reply came
   */
  send(wire: WireRequest, onHead?: (reply: PipelineResponse) => void): Promise<PipelineResponse> {
    return persist(() => this.#sendOnce(wire, onHead), this.retryPolicy, wire.signal);
  }

  /** The same for a request that is not idempotent: see `persistOnce`. */
  sendOnce(
    wire: WireRequest,
    wasDone: (error: unknown) => Promise<boolean>,
  ): Promise<PipelineResponse | undefined> {
    return persistOnce(() => this.#sendOnce(wire), wasDone, this.retryPolicy, wire.signal);
  }

  async #sendOnce(
    wire: WireRequest,
    onHead?: (reply: PipelineResponse) => void,
  ): Promise<PipelineResponse> {
    const reply = await this.#send(wire, this.#client);
    onHead?.(reply);
    return withText(reply, this.retryPolicy.idle);
  }

  /** Sends a GET, without retries, and passes the body on as it arrives. */
  receive(wire: WireRequest, receiver: ReplyReceiver): Promise<void> {
    return this.#limit(() => this.#receive(wire, receiver));
  }

  /** `url` with the shared access signature, where the credential is one. */
  signed(url: string): string {
    return this.#sas ? `${url}${url.includes("?") ? "&" : "?"}${this.#sas}` : url;
  }

  async #receive(wire: WireRequest, receiver: ReplyReceiver): Promise<void> {
    const { ranges } = this.#network;
    const { idle } = this.retryPolicy;
    if (ranges && this.#hasLengths) {
      try {
        await this.#send(
          wire,
          ranges.client(receiver, { idle, isRequestedRange: isSuccess(wire) }),
        );
        return;
      } catch (error) {
        if (!(error instanceof UnsupportedReply)) throw error;
      }
    }
    const reply = await this.#send(wire, this.#client);
    this.#hasLengths = false; // only now: the request may have failed with any client
    receiver.head(reply);
    for await (const chunk of guardIdle(bodyOf(reply), idle)) await receiver.bytes(chunk);
  }

  #request(wire: WireRequest): PipelineRequest {
    const { method, url, headers = {}, body, signal } = wire;
    const request = createPipelineRequest({
      method,
      url: this.signed(url),
      headers: createHttpHeaders(headers),
      timeout: this.retryPolicy.idle, // for the head of the reply
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

  /** The head of a success, whose body is still on its way. */
  async #send(wire: WireRequest, client: HttpClient): Promise<PipelineResponse> {
    const { idle } = this.retryPolicy;
    const request = this.#request(wire);
    request.streamResponseStatusCodes = ANY_STATUS;
    const response = await this.#pipeline.sendRequest(client, request).catch((error) => {
      const late = error.name === "AbortError" && !request.abortSignal?.aborted;
      throw late ? stalled(request.timeout) : error;
    });
    const reason = foreignReason(response, wire.success);
    if (reason) throw new ForeignReply(await withPage(response, idle), reason);
    if (response.status < 300) return response;
    throw refusalOf(await withText(response, idle));
  }
}

/** Streams the body of every status, so that it is read here, within limits. */
const ANY_STATUS = new Set([Number.POSITIVE_INFINITY]);
/** The longest body read as one text, in bytes; a page of a listing has a few million. */
const LONGEST_TEXT = 256 * 1024 * 1024;

function bodyOf(reply: PipelineResponse): Readable {
  return (reply.readableStreamBody ?? Readable.from([])) as Readable;
}

/** A reply with its body as text. Fails when no byte arrives for `idle` milliseconds. */
async function withText(reply: PipelineResponse, idle: number): Promise<PipelineResponse> {
  if (!reply.readableStreamBody) return reply;
  const body = bodyOf(reply);
  const chunks: Buffer[] = [];
  let length = 0;
  const timer = setTimeout(() => body.destroy(stalled(idle)), idle);
  body.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    if (length > LONGEST_TEXT) body.destroy(new ForeignReply(reply, "its body does not end"));
    timer.refresh();
  });
  await finished(body).finally(() => clearTimeout(timer));
  return { ...reply, bodyAsText: Buffer.concat(chunks).toString() };
}

/** Whether a reply is a success of the request, by its head. */
function isSuccess({ success }: WireRequest): (reply: PipelineResponse) => boolean {
  return (reply) => success.includes(reply.status) && !foreignReason(reply, success);
}

/** Bytes read of a proxy's page, to find its title. */
const PAGE = 16 * 1024;

/** A proxy's reply with the beginning of its body. */
async function withPage(reply: PipelineResponse, idle: number): Promise<PipelineResponse> {
  if (!reply.readableStreamBody) return reply;
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of guardIdle(bodyOf(reply), Math.min(idle, 2000))) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > PAGE) break;
    }
  } catch {
    // Its beginning is enough.
  }
  return { ...reply, bodyAsText: Buffer.concat(chunks).toString() };
}

/** The chunks of a body; destroys it when none comes for `idle` milliseconds. */
async function* guardIdle(body: Readable, idle: number): AsyncGenerator<Buffer> {
  let waiting = true;
  const timer = setTimeout(() => {
    // Not while the reader is busy with a chunk.
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
  const reported = errorInBody(response.bodyAsText ?? "");
  const code = response.headers.get("x-ms-error-code") ?? reported.code;
  return new RestError(reported.message ?? `status ${response.status}`, {
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
