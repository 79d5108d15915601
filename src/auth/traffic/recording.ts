import { AsyncLocalStorage } from "node:async_hooks";
import type { ForeignReply } from "../../core/azure-reply.ts";
import type { Cloud } from "../../core/cloud.ts";

/** What Microsoft Entra ID answers when it refuses (RFC 6749, section 5.2, and its own fields). */
export interface AuthorityError {
  readonly error: string;
  readonly description: string;
  /** `AADSTS` numbers without the prefix. */
  readonly codes: readonly number[];
  readonly traceId?: string;
  readonly correlationId?: string;
  /** A JSON text to send with the next request, when more is asked of the person. */
  readonly claims?: string;
}

/** What a device code reply says that the Azure SDK leaves out. */
export interface DeviceCodeTimes {
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly intervalMilliseconds: number;
}

/** One request of a sign-in: enough to explain it, nothing that is secret. */
export interface Exchange {
  readonly method: string;
  /** `https://host[:port]/path`, without a query. */
  readonly url: string;
  readonly status?: number;
  readonly refusal?: AuthorityError;
  /** What tells that the reply is of something in between, which may do better when asked again. */
  readonly foreign?: ForeignReply;
  /** `Retry-After` of a 429 or 503, in seconds. */
  readonly retryAfter?: number;
  /** Why no reply came. */
  readonly failure?: Error;
}

/**
 * All that one attempt at a token sent and got. The Azure SDK drops the cause of many failures;
 * this is where it is found again.
 */
export class Recording {
  readonly cloud: Cloud;
  /** Ends every request of the attempt. */
  readonly signal: AbortSignal;
  readonly exchanges: Exchange[] = [];
  device: DeviceCodeTimes | undefined;
  readonly #secrets = new Set<string>();

  constructor(cloud: Cloud, signal: AbortSignal) {
    this.cloud = cloud;
    this.signal = signal;
  }

  /** Notes a value that must not appear in anything that is shown. */
  hide(secret: string): void {
    this.#secrets.add(secret);
  }

  get secrets(): ReadonlySet<string> {
    return this.#secrets;
  }

  /** The last refusal of the authority. */
  get refusal(): AuthorityError | undefined {
    return this.exchanges.findLast((exchange) => exchange.refusal)?.refusal;
  }

  /** The last exchange, if it got no reply. */
  get failure(): Error | undefined {
    return this.exchanges.at(-1)?.failure;
  }
}

const current = new AsyncLocalStorage<Recording>();

/** Runs `task` so that every sign-in request under it goes to `recording`. */
export function recorded<T>(recording: Recording, task: () => Promise<T>): Promise<T> {
  return current.run(recording, task);
}

/** The recording that the running code belongs to. */
export function currentRecording(): Recording | undefined {
  return current.getStore();
}
