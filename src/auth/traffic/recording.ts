import { AsyncLocalStorage } from "node:async_hooks";
import type { ForeignReply } from "../../core/azure-reply.ts";
import type { Cloud } from "../../core/cloud.ts";

/** A refusal of Microsoft Entra ID (RFC 6749, section 5.2, and its own fields). */
export interface AuthorityError {
  readonly error: string;
  readonly description: string;
  /** `AADSTS` numbers without the prefix. */
  readonly codes: readonly number[];
  readonly traceId?: string;
  readonly correlationId?: string;
  /** Claims challenge to send with the next request, as JSON text. */
  readonly claims?: string;
}

/** Fields of a device code reply that the Azure SDK drops. */
export interface DeviceCodeTimes {
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly intervalMilliseconds: number;
}

/** One request of a sign-in, without secrets. */
export interface Exchange {
  readonly method: string;
  /** `https://host[:port]/path`, without a query. */
  readonly url: string;
  readonly status?: number;
  readonly refusal?: AuthorityError;
  /** The error for a reply of a proxy, which may be retried. */
  readonly foreign?: ForeignReply;
  /** `Retry-After` of a 429 or 503, in seconds. */
  readonly retryAfter?: number;
  /** Why no reply came. */
  readonly failure?: Error;
}

/** All requests and replies of one attempt; the Azure SDK drops the cause of many failures. */
export class Recording {
  readonly cloud: Cloud;
  /** Aborts every request of the attempt. */
  readonly signal: AbortSignal;
  readonly exchanges: Exchange[] = [];
  device: DeviceCodeTimes | undefined;
  readonly #secrets = new Set<string>();

  constructor(cloud: Cloud, signal: AbortSignal) {
    this.cloud = cloud;
    this.signal = signal;
  }

  /** Adds a secret, to be redacted. */
  hide(secret: string): void {
    this.#secrets.add(secret);
  }

  get secrets(): ReadonlySet<string> {
    return this.#secrets;
  }

  get refusal(): AuthorityError | undefined {
    return this.exchanges.findLast((exchange) => exchange.refusal)?.refusal;
  }

  /** The last exchange, if it got no reply. */
  get failure(): Error | undefined {
    return this.exchanges.at(-1)?.failure;
  }
}

const current = new AsyncLocalStorage<Recording>();

/** Runs `task`, and records its sign-in requests. */
export function recorded<T>(recording: Recording, task: () => Promise<T>): Promise<T> {
  return current.run(recording, task);
}

/** The recording of the running code. */
export function currentRecording(): Recording | undefined {
  return current.getStore();
}
