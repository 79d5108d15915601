import { setTimeout as sleep } from "node:timers/promises";
import type { PipelineRequest, PipelineResponse } from "@azure/core-rest-pipeline";
import { SignInError } from "../../core/errors.ts";
import type { Recording } from "./recording.ts";

/** RFC 8628, section 3.5: added to the interval at each `slow_down`. */
const SLOWER_MILLISECONDS = 5_000;
const LONGEST_WAIT_MILLISECONDS = 60_000;

export function isDevicePoll(request: PipelineRequest): boolean {
  return (
    request.method === "POST" &&
    typeof request.body === "string" &&
    /(^|&)grant_type=(device_code|urn%3aietf%3aparams%3aoauth%3agrant-type%3adevice_code)(&|$)/i.test(
      request.body,
    )
  );
}

/**
 * Polls for the token of a device code (RFC 8628, section 3.5). The Azure SDK polls too, but gives
 * up at `slow_down` and at the first lost connection, and notices an abort only at its next poll;
 * so it sees one long request.
 *
 * @throws SignInError `CODE_EXPIRED`
 */
export async function pollDevice(
  send: () => Promise<PipelineResponse>,
  recording: Recording,
): Promise<PipelineResponse> {
  const { signal, device } = recording;
  const expiresAt = device?.expiresAt ?? Date.now() + 900_000;
  let wait = device?.intervalMilliseconds ?? 5_000;
  for (;;) {
    const response = await attempt(send, signal);
    const error = response?.status === 400 ? errorIn(response) : undefined;
    const asked = response ? retryAfter(response) : Number.NaN;
    if (!response) wait = Math.min(wait * 2, LONGEST_WAIT_MILLISECONDS);
    else if (asked >= 0) wait = Math.max(wait, asked * 1000);
    else if (error === "slow_down") wait += SLOWER_MILLISECONDS;
    else if (error !== "authorization_pending") return response;
    const remaining = expiresAt - Date.now();
    if (remaining <= 0) throw expired();
    await sleep(Math.min(wait, remaining), undefined, { signal });
    if (Date.now() >= expiresAt) throw expired();
  }
}

/**
 * Retries after a lost connection at once, since servers close connections that are idle between
 * two polls, and then at the next poll.
 */
async function attempt(
  send: () => Promise<PipelineResponse>,
  signal: AbortSignal,
): Promise<PipelineResponse | undefined> {
  for (const last of [false, true]) {
    try {
      return await send();
    } catch (error) {
      if (signal.aborted || !isTransient(error)) throw error;
      if (last) break;
    }
  }
  return undefined;
}

const TRANSIENT = ["ECONNRESET", "ETIMEDOUT", "ECONNREFUSED", "EPIPE", "ENOTFOUND", "EAI_AGAIN"];

function isTransient(error: unknown): boolean {
  return error instanceof Error && "code" in error && TRANSIENT.includes(String(error.code));
}

/** `Retry-After` of a 429 or 503 in seconds, else NaN. */
export function retryAfter({ status, headers }: PipelineResponse): number {
  return status === 429 || status === 503
    ? Number(headers.get("retry-after") ?? "none")
    : Number.NaN;
}

function errorIn(response: PipelineResponse): string | undefined {
  try {
    return (JSON.parse(response.bodyAsText ?? "") as { error?: string }).error;
  } catch {
    return undefined;
  }
}

function expired(): SignInError {
  return new SignInError("CODE_EXPIRED", "the device code was not used in time", {
    hint: "Run the sign-in again for a new code.",
  });
}
