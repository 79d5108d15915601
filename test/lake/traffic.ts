import diagnostics from "node:diagnostics_channel";
import type { IncomingMessage, ServerResponse } from "node:http";

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** What a practice cloud of this process is asked for, as its HTTP server sees it. */
export class Traffic {
  #exchanges: Exchange[] = [];
  readonly #take = (message: unknown) => this.#exchanges.push(message as Exchange);

  constructor() {
    diagnostics.subscribe("http.server.request.start", this.#take);
  }

  /** Methods and targets of all requests so far. */
  get requests(): string[] {
    return this.#exchanges.map(({ request: { method, url } }) => `${method} ${url}`);
  }

  /** Bytes of bodies that the replies to GET of this path began to send. */
  fetched(path: string): number {
    return this.#sum(
      ({ request: { method, url } }) => method === "GET" && url?.split("?")[0] === path,
      ({ response }) => (response.statusCode < 300 ? response.getHeader("content-length") : 0),
    );
  }

  /** Bytes of bodies that came by append to paths that begin so. */
  appended(path: string): number {
    return this.#sum(
      ({ request: { url = "" } }) => url.startsWith(path) && url.includes("action=append"),
      ({ request }) => request.headers["content-length"],
    );
  }

  /** Counts from here on. */
  forget(): void {
    this.#exchanges = [];
  }

  close(): void {
    diagnostics.unsubscribe("http.server.request.start", this.#take);
  }

  #sum(which: (exchange: Exchange) => boolean, bytes: (exchange: Exchange) => unknown): number {
    return this.#exchanges
      .filter(which)
      .reduce((sum, exchange) => sum + Number(bytes(exchange) ?? 0), 0);
  }
}
