import { setTimeout as sleep } from "node:timers/promises";
import { isRestError, type RestError } from "@azure/core-rest-pipeline";
import { ForeignReply } from "../../core/azure-reply.ts";

/** How hard to try before a failure counts. */
export interface RetryPolicy {
  /** Tries in all, the first among them. */
  readonly tries: number;
  /** Milliseconds before the second try; each further wait is twice as long. */
  readonly firstWait: number;
  /** Milliseconds that no wait exceeds, whatever the service asks for. */
  readonly longestWait: number;
  /** Milliseconds without a byte after which a connection counts as dead. */
  readonly idle: number;
}

export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  tries: 6,
  firstWait: 200,
  longestWait: 30_000,
  idle: 30_000,
};

const PASSING_STATUS = new Set([408, 429, 500, 502, 503, 504]);
const PASSING_CODE = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "ERR_STREAM_PREMATURE_CLOSE",
  "STALLED",
]);

/** A connection that was open but silent for `idle` milliseconds. */
export function stalled(idle: number): Error {
  return Object.assign(new Error(`no bytes for ${idle} ms`), { code: "STALLED" });
}

/** A reply that is not what was asked for, as happens when a connection breaks. */
export function cut(message: string): Error {
  return Object.assign(new Error(message), { code: "ECONNRESET" });
}

/** Whether the same request may succeed a moment later. */
export function isPassing(error: unknown): boolean {
  // A gateway that fails may do better a moment later; a page in place of a file stays one.
  if (error instanceof ForeignReply) return PASSING_STATUS.has(error.status);
  const { code, statusCode } = (error ?? {}) as Partial<RestError>;
  if (statusCode !== undefined) return PASSING_STATUS.has(statusCode);
  return typeof code === "string" && PASSING_CODE.has(code);
}

/** Returns for a failure with status 404, and throws any other again. */
export function ignoreMissing(error: unknown): undefined {
  if ((error as { statusCode?: number }).statusCode !== 404) throw error;
}

/** Returns for a failure with status 403, and throws any other again. */
export function ignoreForbidden(error: unknown): undefined {
  if ((error as { statusCode?: number }).statusCode !== 403) throw error;
}

/** Waits as long as the service asked for with `error`, else longer each time. */
export async function waitBefore(
  attempt: number,
  error: unknown,
  retryPolicy: RetryPolicy,
  signal?: AbortSignal,
): Promise<void> {
  const own = retryPolicy.firstWait * 2 ** (attempt - 1);
  const wait = retryAfter(error) ?? own * (0.75 + Math.random() / 2);
  await sleep(Math.min(wait, retryPolicy.longestWait), undefined, signal ? { signal } : {});
}

/** Runs `operation`, again when it fails in a way that may pass. */
export async function persist<T>(
  operation: () => Promise<T>,
  retryPolicy: RetryPolicy,
  signal?: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await operation();
    } catch (error) {
      if (attempt >= retryPolicy.tries || signal?.aborted || !isPassing(error)) throw error;
      await waitBefore(attempt, error, retryPolicy, signal);
    }
  }
}

/**
 * The same for an operation that is not idempotent, such as a rename: when a later try fails, an
 * earlier one may have succeeded although its answer was lost.
 *
 * @param wasDone whether that is so; asked when a later try fails
 * @returns what `operation` returned; nothing when its answer was lost
 */
export async function persistOnce<T>(
  operation: () => Promise<T>,
  wasDone: (error: unknown) => Promise<boolean>,
  retryPolicy: RetryPolicy,
  signal?: AbortSignal,
): Promise<T | undefined> {
  let tries = 0;
  const attempt = () => {
    tries++;
    return operation();
  };
  return persist(attempt, retryPolicy, signal).catch(async (error) => {
    if (tries === 1 || !(await wasDone(error))) throw error;
    return undefined;
  });
}

/** Milliseconds that the service asks to wait: seconds or a date (RFC 9110, section 10.2.3). */
export function retryAfter(error: unknown): number | undefined {
  if (!isRestError(error)) return;
  const headers = error.response?.headers;
  const milliseconds = Number(
    headers?.get("x-ms-retry-after-ms") ?? headers?.get("retry-after-ms"),
  );
  if (milliseconds > 0) return milliseconds;
  const value = headers?.get("retry-after");
  if (!value) return;
  const wait = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}
