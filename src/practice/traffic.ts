import type { ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import type { Exchange, Handler } from "./exchange.ts";

/** Milliseconds that requests under way have to end by themselves before they are broken off. */
const GRACE_MS = 250;

/** The requests that are being answered, and the means to have none for a moment. */
export class Traffic {
  /** What each answer under way is waited for by; undefined once its handler is done with it. */
  readonly #open = new Map<ServerResponse, Promise<void> | undefined>();
  #quiet: Promise<void> | undefined;

  /** Counts the requests of a handler, and lets none begin while there is to be quiet. */
  guard(handler: Handler): Handler {
    return async (exchange) => {
      while (this.#quiet) await this.#quiet;
      if (!exchange.response.destroyed) await this.#serve(handler, exchange);
    };
  }

  /**
   * Does work that no request may see half of. Those under way end first, or are broken off after
   * a moment as a server breaks them off that goes away; new ones wait until the work is done.
   */
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
      // One that a fault left without an answer stays open, with nobody at work on it.
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
