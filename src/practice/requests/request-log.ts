import type { ServerResponse } from "node:http";
import type { Exchange, Handler } from "../exchange.ts";
import { type RequestNotes, withoutSecrets } from "./request-notes.ts";

/** A request that the practice cloud got. */
export interface LoggedRequest extends Readonly<RequestNotes> {
  /** Counts up from 1, in the order in which they came. */
  readonly id: number;
  /** When it came: ISO 8601, by this machine's clock. */
  readonly time: string;
  /** Milliseconds until its answer was sent; absent before that. */
  readonly milliseconds?: number;
  readonly method: string;
  /** As the client has it, with `REDACTED` in the place of signatures, codes and tokens. */
  readonly url: string;
  /** Status of the answer; absent when there is none yet, or there was none. */
  readonly status?: number;
  /** Value of `x-ms-request-id`. */
  readonly requestId?: string;
  readonly reasons: NonNullable<RequestNotes["reasons"]>;
}

interface Entry {
  readonly id: number;
  readonly began: number;
  readonly method: string;
  readonly url: string;
  readonly notes: RequestNotes;
  /** Until the answer is sent. */
  response?: ServerResponse;
  ended?: Pick<LoggedRequest, "milliseconds" | "status" | "requestId">;
}

/** Default number of requests: about a megabyte. */
export const KEPT_REQUESTS = 1_000;

/** The last requests to a practice cloud, with what came of them and why. */
export class RequestLog {
  readonly #limit: number;
  #entries: Entry[] = [];
  #count = 0;

  /** @param limit how many are kept; the oldest go first @internal */
  constructor(limit = KEPT_REQUESTS) {
    this.#limit = limit;
  }

  /** The requests so far, the oldest first, all answered ones included. */
  list(): LoggedRequest[] {
    return this.#entries.map(describe);
  }

  /** Forgets what came so far. */
  clear(): void {
    this.#entries = [];
  }

  /** Snapshots have no log; a restore clears it. @internal */
  snapshot(): undefined {
    return undefined;
  }

  /** @internal */
  restore(): void {
    this.clear();
  }

  /** Logs a request that was not handled as HTTP. @internal */
  note(method: string, url: string, status: number, notes: RequestNotes): void {
    if (this.#limit > 0) this.#add(method, url, notes).ended = { status, milliseconds: 0 };
  }

  /** Logs the requests of a handler. @internal */
  watch(handler: Handler): Handler {
    return (exchange) => {
      if (this.#limit > 0) this.#begin(exchange);
      return handler(exchange);
    };
  }

  #begin({ request, response, url, notes }: Exchange): void {
    const entry = this.#add(request.method ?? "GET", withoutSecrets(url), notes);
    entry.response = response;
    response.once("close", () => {
      entry.ended = { ...outcome(response), milliseconds: Date.now() - entry.began };
      delete entry.response;
    });
  }

  #add(method: string, url: string, notes: RequestNotes): Entry {
    this.#count += 1;
    const entry: Entry = { id: this.#count, began: Date.now(), method, url, notes };
    this.#entries.push(entry);
    // Removed in large batches, as each removal moves the others.
    if (this.#entries.length > this.#limit * 1.25 + 1)
      this.#entries.splice(0, this.#entries.length - this.#limit);
    return entry;
  }
}

function describe({ id, began, method, url, notes, response, ended }: Entry): LoggedRequest {
  return {
    ...{ id, time: new Date(began).toISOString(), method, url },
    ...notes,
    reasons: notes.reasons ?? [],
    ...(ended ?? (response && outcome(response))),
  };
}

function outcome(response: ServerResponse): Pick<LoggedRequest, "status" | "requestId"> {
  if (!response.headersSent) return {};
  const requestId = response.getHeader("x-ms-request-id");
  return {
    status: response.statusCode,
    ...(requestId !== undefined && { requestId: String(requestId) }),
  };
}
