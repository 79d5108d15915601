import {
  createDefaultHttpClient,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
} from "@azure/core-rest-pipeline";
import { type Cloud, tlsSettings } from "../../core/cloud.ts";
import { SignInError } from "../../core/errors.ts";
import { isDevicePoll, pollDevice, retryAfter } from "./device-poll.ts";
import { foreignIn } from "./foreign-replies.ts";
import { type AuthorityError, currentRecording, type Recording } from "./recording.ts";
import { toAbortSignal } from "./signals.ts";

/** Address of the metadata service; the practice cloud has it on loopback. */
const METADATA_ADDRESS = /^http:\/\/169\.254\.169\.254(?=\/|$)/;
/** Requests to the metadata service use no proxy, as it refuses those. */
const METADATA_PATH = /^http:\/\/[^/]+\/metadata\//;

/**
 * The HTTP client of all credentials. There is one in a process, and it finds the attempt of a
 * request by asynchronous context: the Azure SDK keeps the first client of a managed identity as
 * long as the process lives.
 */
export const signInTraffic: HttpClient = {
  async sendRequest(request) {
    const recording = currentRecording();
    if (!recording) throw new Error("a sign-in request outside of any sign-in");
    const prepared = prepare(request, recording);
    const send = () => exchange(prepared, recording);
    const response = await (isDevicePoll(prepared) ? pollDevice(send, recording) : send());
    const wait = retryAfter(response);
    if (wait > LONGEST_WAIT_SECONDS) throw new Error(`asked to wait ${wait} s`);
    return response;
  },
};

/** A longer Retry-After is an error; the Azure SDK would wait without a word. */
const LONGEST_WAIT_SECONDS = 3;

const network = createDefaultHttpClient();

// Connections are pooled by this object: a cloud always has the same.
const settings = new WeakMap<Cloud, { ca: string }>();

function prepare(request: PipelineRequest, recording: Recording): PipelineRequest {
  const { cloud, signal } = recording;
  const signals = [signal];
  if (request.abortSignal) signals.push(toAbortSignal(request.abortSignal));
  const { url: asked } = request;
  const metadata = cloud.loopback?.metadata;
  const url = metadata ? asked.replace(METADATA_ADDRESS, metadata) : asked;
  if (cloud.kind === "practice" && new URL(url).hostname !== "127.0.0.1") {
    const failure = new SignInError(
      "OFF_LIMITS",
      `the practice cloud was about to ask ${new URL(url).host} for a token`,
      { hint: "Connect to Azure itself to sign in there: connect({ cloud: 'public' })." },
    );
    recording.exchanges.push({ method: request.method, url, failure });
    throw failure;
  }
  const { ca } = tlsSettings(cloud);
  if (ca && !settings.has(cloud)) settings.set(cloud, { ca });
  const tls = settings.get(cloud);
  return Object.assign(Object.create(Object.getPrototypeOf(request)), request, {
    url,
    abortSignal: AbortSignal.any(signals),
    ...(tls && { tlsSettings: tls }),
    // The Azure SDK sets a proxy even for requests to this machine.
    ...((cloud.loopback || METADATA_PATH.test(url)) && { agent: undefined }),
  });
}

async function exchange(request: PipelineRequest, recording: Recording): Promise<PipelineResponse> {
  const url = request.url.replace(/[?#].*$/, "");
  const seen = { method: request.method, url };
  let response: PipelineResponse;
  try {
    response = await network.sendRequest(request);
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error));
    recording.exchanges.push({ ...seen, failure });
    throw failure;
  }
  const { status } = response;
  const foreign = foreignIn(response);
  if (foreign && status < 500) {
    const { code, message, hint } = foreign;
    const failure = new SignInError(code, message, { hint, status });
    recording.exchanges.push({ ...seen, status, failure });
    throw failure;
  }
  const body = parse(response.bodyAsText);
  const refusal = status >= 400 ? refusalIn(body) : undefined;
  const wait = retryAfter(response);
  recording.exchanges.push({
    ...seen,
    status,
    ...(refusal && { refusal }),
    ...(foreign && { foreign }),
    ...(wait >= 0 && { retryAfter: wait }),
  });
  note(body, url, recording);
  return response;
}

type Body = Readonly<Record<string, unknown>>;

function parse(text: string | null | undefined): Body {
  try {
    const body: unknown = JSON.parse(text ?? "");
    return typeof body === "object" && body !== null ? (body as Body) : {};
  } catch {
    return {}; // not JSON: a proxy's page, or empty
  }
}

function refusalIn(body: Body): AuthorityError | undefined {
  const { error, error_description, error_codes, trace_id, correlation_id, claims } = body;
  if (typeof error !== "string") return undefined;
  const description = typeof error_description === "string" ? error_description : "";
  const listed = Array.isArray(error_codes) ? error_codes.map(Number) : [];
  const named = [...description.matchAll(/AADSTS(\d+)/g)].map((match) => Number(match[1]));
  return {
    error,
    description,
    codes: [...new Set([...listed, ...named])],
    ...(typeof trace_id === "string" && { traceId: trace_id }),
    ...(typeof correlation_id === "string" && { correlationId: correlation_id }),
    ...(typeof claims === "string" && { claims }),
  };
}

const SECRET_FIELDS = ["access_token", "refresh_token", "id_token", "device_code"];

function note(body: Body, url: string, recording: Recording): void {
  for (const field of SECRET_FIELDS) {
    const value = body[field];
    if (typeof value === "string") recording.hide(value);
  }
  if (!url.endsWith("/devicecode") || typeof body.device_code !== "string") return;
  const { expires_in = 900, interval = 5 } = body;
  recording.device = {
    expiresAt: Date.now() + Number(expires_in) * 1000,
    intervalMilliseconds: Number(interval) * 1000,
  };
}
