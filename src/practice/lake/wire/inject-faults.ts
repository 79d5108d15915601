import type { ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import type { LakeFault } from "../../faults/lake-faults.ts";
import { delay, reset } from "../../faults/strike.ts";
import { Refusal } from "../../service-refusal.ts";
import { sendPiece } from "./send-bytes.ts";

/** Injects the faults that come before the operation. */
export async function failFirst(
  faults: readonly LakeFault[],
  response: ServerResponse,
): Promise<void> {
  for (const fault of faults) {
    if (fault.kind === "delay") await delay(fault.ms, response);
    const reason = { by: "fault", fault: { ...fault, on: "lake" } } as const;
    if (fault.kind === "status") {
      throw refusal(fault.status, fault.code, fault.retryAfter).because(reason);
    }
    if (fault.kind === "throttle") {
      throw refusal(503, undefined, fault.retryAfter ?? 1).because(reason);
    }
  }
}

function refusal(
  status: number,
  code: string | undefined,
  retryAfter: number | undefined,
): Refusal {
  const headers = retryAfter === undefined ? {} : { "Retry-After": String(retryAfter) };
  const known =
    status === 503 ? "ServerBusy" : status === 500 ? "InternalError" : "OperationTimedOut";
  const message =
    status === 503
      ? "The server is currently unable to receive requests. Please retry your request."
      : "The server encountered an internal error. Please retry the request.";
  return new Refusal(status, code ?? known, message, headers);
}

export function touchesBody(faults: readonly LakeFault[]): boolean {
  return faults.some(({ kind }) => ["slow", "reset", "end", "stall", "replace"].includes(kind));
}

/**
 * Sends a body slowly, or not to its end, as the faults say.
 *
 * @returns once all was sent, or the connection is closed
 */
export async function sendFailing(
  body: AsyncIterable<Buffer>,
  response: ServerResponse,
  faults: readonly LakeFault[],
): Promise<void> {
  const stop = faults.find(({ kind }) => kind === "reset" || kind === "end" || kind === "stall");
  const limit = stop && "after" in stop ? stop.after : Number.POSITIVE_INFINITY;
  const slow = faults.find(({ kind }) => kind === "slow");
  const rate = slow && "rate" in slow ? slow.rate : Number.POSITIVE_INFINITY;
  const started = Date.now();
  let sent = 0;
  for await (const piece of pieces(body, Math.min(rate / 20, 65_536))) {
    const part = piece.subarray(0, Math.max(0, limit - sent));
    if (part.length > 0) await sendPiece(response, part);
    sent += part.length;
    if (response.destroyed) return;
    if (sent >= limit && stop) {
      await breakOff(response, stop.kind);
      return;
    }
    const early = started + (sent / rate) * 1_000 - Date.now();
    if (early > 0) await wait(early);
  }
  response.end();
}

async function* pieces(body: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  const step = Math.max(1, Math.floor(size));
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length; at += step) yield chunk.subarray(at, at + step);
  }
}

async function breakOff(response: ServerResponse, kind: LakeFault["kind"]): Promise<void> {
  const { socket } = response;
  if (!socket) return;
  if (kind === "stall") {
    await new Promise((resolve) => response.once("close", resolve));
  } else if (kind === "end") {
    // The peer sees a clean end of the stream, too early.
    socket.end();
  } else {
    reset(socket);
    socket.destroy();
  }
}
