import type { ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import type { Exchange, Handler } from "./exchange.ts";

/** Milliseconds for running requests to end before they are aborted. */
const GRACE_MS = 250;

/** The running requests, which can be paused. */
export class Traffic {
  /** The promise of each running handler; undefined once it has returned. */
  readonly #open = new Map<ServerResponse, Promise<void> | undefined>();
  #quiet: Promise<void> | undefined;

  /** Counts the requests of a handler, which wait while paused. */
  guard(handler: Handler): Handler {
    return async (exchange) => {
      while (this.#quiet) await this.#quiet;
      if (!exchange.response.destroyed) await this.#serve(handler, exchange);
    };
  }

  /** Runs work while no requests run: these end or are aborted first, and new ones wait. */
  async whileQuiet<T>(work: () => Promise<T>): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#quiet = promise;
    try {
      await this.#drain();
      return await work();
    } finally {
      this.#quiet = undefined;
      resolve();
    }
  }

  async #serve(handler: Handler, exchange: Exchange): Promise<void> {
    const { response } = exchange;
    response.once("close", () => this.#open.delete(response));
    const served = handler(exchange);
    this.#open.set(response, served);
    try {
      await served;
    } finally {
      // A fault may leave it open without an answer.
      if (this.#open.has(response)) this.#open.set(response, undefined);
    }
  }

  async #drain(): Promise<void> {
    const working = () => [...this.#open.values()].filter((served) => served !== undefined);
    for (const [response, served] of this.#open) {
      if (!served && !response.writableEnded) response.destroy();
    }
    const begun = Promise.allSettled(working());
    const done = new AbortController();
    const { signal } = done;
    await Promise.race([begun, wait(GRACE_MS, undefined, { signal }).catch(() => undefined)]);
    done.abort();
    for (const [response, served] of this.#open) if (served) response.destroy();
    await begun;
  }
}
