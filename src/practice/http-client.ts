import { Agent, type AgentOptions } from "node:https";
import type { HttpClient, PipelineRequest, PipelineResponse } from "@azure/core-rest-pipeline";
import type { IHttpClient } from "@azure/storage-file-datalake";

/** The `httpClient` for clients of the Azure SDK, of both its older and newer core. */
export type PracticeHttpClient = HttpClient & IHttpClient;

export interface HttpClientOptions {
  /** Port of the practice cloud on 127.0.0.1. */
  readonly port: number;
  /** PEM certificate that signed the server's. */
  readonly ca: string;
  /** `http://127.0.0.1:PORT` of the instance metadata service. */
  readonly metadata: string;
}

/** Address of the instance metadata service in a virtual machine. */
const METADATA = "http://169.254.169.254";

/**
 * An HTTP client that sends requests for Azure's host names to the practice cloud. No request
 * leaves this machine: for an unknown host the practice cloud answers 501.
 */
export function createHttpClient({ port, ca, metadata }: HttpClientOptions) {
  const agent = new LoopbackAgent({ ca, keepAlive: true }, port);
  let inner: HttpClient | undefined;
  const send = async (request: PipelineRequest) => {
    if (request.url.startsWith(`${METADATA}/`)) {
      request.url = metadata + request.url.slice(METADATA.length);
    } else if (request.url.startsWith("https:")) {
      request.agent = agent;
    }
    inner ??= (await loadPipeline()).createDefaultHttpClient();
    return inner.sendRequest(request);
  };
  const client: Pick<HttpClient, "sendRequest"> = {
    sendRequest: (request) => (isOfOldCore(request) ? sendOfOldCore(request, send) : send(request)),
  };
  return {
    client: client as PracticeHttpClient,
    /** Closes idle connections. */
    close: async () => agent.destroy(),
  };
}

/** Loaded with the first request: `notelake practice`, for one, never sends any. */
function loadPipeline() {
  return import("@azure/core-rest-pipeline");
}

/** Connects to one port of 127.0.0.1 for any host, and verifies the host's certificate. */
class LoopbackAgent extends Agent {
  readonly #port: number;

  constructor(options: AgentOptions, port: number) {
    super(options);
    this.#port = port;
  }

  override createConnection(...[options, done]: Parameters<Agent["createConnection"]>) {
    return super.createConnection({ ...options, host: "127.0.0.1", port: this.#port }, done);
  }
}

/** A request of `@azure/core-http`, whose headers have `toJson` and not `toJSON`. */
interface OldRequest extends PipelineRequest {
  readonly headers: PipelineRequest["headers"] & {
    toJson(options: { preserveCase: boolean }): Record<string, string>;
  };
}

function isOfOldCore({ headers }: PipelineRequest): boolean {
  return !("toJSON" in headers);
}

async function sendOfOldCore(
  request: PipelineRequest,
  send: (request: PipelineRequest) => Promise<PipelineResponse>,
): Promise<PipelineResponse> {
  const { createHttpHeaders, createPipelineRequest } = await loadPipeline();
  const headers = createHttpHeaders((request as OldRequest).headers.toJson({ preserveCase: true }));
  const response = await send(createPipelineRequest({ ...request, headers }));
  const { headers: answered } = response;
  const toJson = (options: { preserveCase?: boolean }) => answered.toJSON(options);
  return { ...response, headers: Object.assign(answered, { toJson }), request };
}
