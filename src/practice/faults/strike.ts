import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { type Exchange, sendJson } from "../exchange.ts";
import type { FaultTarget } from "./fault.ts";
import type { Faults } from "./faults.ts";

/**
 * Injects the active faults into a request.
 *
 * @returns whether the request is done: answered, dropped or left without an answer
 */
export async function strike(
  faults: Faults,
  target: FaultTarget,
  exchange: Exchange,
): Promise<boolean> {
  for (const fault of faults.takeStrikes(target)) {
    if (fault.kind !== "delay") exchange.notes.reasons = [{ by: "fault", fault }];
    switch (fault.kind) {
      case "delay":
        // Ends early when the client or the cloud closes the connection.
        await delay(fault.ms, exchange.response);
        break;
      case "silence":
        return true;
      case "reset":
        reset(exchange.request.socket);
        return true;
      case "status":
        answer(target, fault.status, fault.retryAfter, exchange);
        return true;
    }
  }
  return exchange.response.destroyed;
}

/** Waits, at most until the connection is closed. */
export async function delay(ms: number, response: ServerResponse): Promise<void> {
  if (response.destroyed) return;
  const gone = new AbortController();
  const leave = () => gone.abort();
  response.once("close", leave);
  await wait(ms, undefined, { ref: false, signal: gone.signal }).catch(() => undefined);
  response.off("close", leave);
}

/** Resets a connection (RST), which only the TCP socket below a TLS socket can do. */
export function reset(socket: Socket): void {
  const { _parent: below } = socket as Socket & { _parent?: Socket };
  (below ?? socket).resetAndDestroy();
}

/** An error in the form of the service. */
function answer(
  target: FaultTarget,
  status: number,
  retryAfter: number | undefined,
  { response }: Exchange,
): void {
  const headers = retryAfter === undefined ? {} : { "retry-after": String(retryAfter) };
  const throttled = status === 429;
  if (target === "management") {
    const [code, message] = throttled
      ? ["TooManyRequests", "The request is being throttled as the limit has been reached."]
      : ["InternalServerError", "Encountered internal server error."];
    sendJson(response, status, { error: { code, message } }, headers);
  } else if (target === "metadata") {
    const [error, text] = throttled
      ? ["too_many_requests", "Temporarily throttled, too many requests"]
      : ["unknown", "Failed to retrieve token from the Active directory."];
    sendJson(response, status, { error, error_description: text }, headers);
  } else {
    const [number, text] = throttled
      ? [90055, "There are too many incoming requests. Try again later."]
      : [90033, "A transient error has occurred. Please try again."];
    const body = {
      error: "temporarily_unavailable",
      error_description: `AADSTS${number}: ${text}`,
      error_codes: [number],
    };
    sendJson(response, status, body, headers);
  }
}
