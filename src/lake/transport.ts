import { Agent } from "node:https";
import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
  type HttpMethods,
  type Pipeline,
  type PipelinePolicy,
  type PipelineResponse,
  RestError,
  setClientRequestIdPolicy,
  userAgentPolicy,
} from "@azure/core-rest-pipeline";
import { storageSharedKeyCredentialPolicy } from "@azure/storage-common";
import { type Cloud, tlsSettings } from "../core/cloud.ts";
import { LakeError } from "../core/errors.ts";
import { isTokenCredential, type LakeCredential } from "./credential.ts";
import { stalled } from "./retry.ts";

/** One request, as the service's reference describes it. */
export interface WireRequest {
  readonly method: HttpMethods;
  readonly url: string;
  readonly headers?: Record<string, string>;
  /** Hand a successful reply's body over as it arrives, instead of as text. */
  readonly stream?: boolean;
  /** Milliseconds in which the reply's head must arrive. */
  readonly timeout?: number;
  readonly signal?: AbortSignal | undefined;
}

const STREAMED = new Set([200, 206]);

/**
 * Connections to `cloud`, kept open between requests. On the practice cloud none can lead
 * anywhere but to its port on 127.0.0.1, whatever a URL, a resolver or a proxy setting says.
 */
export function openAgent(cloud: Cloud): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 64, ...tlsSettings(cloud) });
  if (cloud.kind !== "practice") return agent;
  const port = cloud.loopback?.port;
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    if (Number(options.port) !== port) {
      throw new LakeError("UNREACHABLE", `the practice cloud is not at ${options.host}`, {
        hint: "While the practice cloud is in use, nothing is sent elsewhere.",
      });
    }
    const servername = options.servername ?? options.host;
    return connect({ ...options, ...(servername && { servername }), host: "127.0.0.1" }, callback);
  };
  return agent;
}

/** Signs requests with a credential and sends them; a refusal becomes a RestError. */
export class Transport {
  readonly #agent: Agent;
  readonly #pipeline: Pipeline;
  readonly #client = createDefaultHttpClient();
  readonly #sas: string;

  constructor(agent: Agent, account: string, credential: LakeCredential, scope: string) {
    this.#agent = agent;
    this.#pipeline = createEmptyPipeline();
    this.#pipeline.addPolicy(userAgentPolicy({ userAgentPrefix: "notelake" }));
    this.#pipeline.addPolicy(setClientRequestIdPolicy("x-ms-client-request-id"));
    const signing = signingPolicy(account, credential, scope);
    if (signing) this.#pipeline.addPolicy(signing, { phase: "Sign" });
    this.#sas = "sas" in credential ? credential.sas.replace(/^\?/, "") : "";
  }

  /** @throws RestError with the service's code, or with the network's when no reply came */
  async send(wire: WireRequest): Promise<PipelineResponse> {
    const request = createPipelineRequest({
      method: wire.method,
      url: this.#sas ? `${wire.url}${wire.url.includes("?") ? "&" : "?"}${this.#sas}` : wire.url,
      headers: createHttpHeaders(wire.headers ?? {}),
      timeout: wire.timeout ?? 0,
      ...(wire.signal && { abortSignal: wire.signal }),
      ...(wire.stream && { streamResponseStatusCodes: STREAMED }),
    });
    request.agent = this.#agent;
    const response = await this.#pipeline.sendRequest(this.#client, request).catch((error) => {
      const late = error.name === "AbortError" && !wire.signal?.aborted;
      throw late ? stalled(request.timeout) : error;
    });
    if (response.status < 300) return response;
    throw refusalOf(response);
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
