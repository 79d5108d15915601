import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { ConnectError } from "@connectrpc/connect";
import { SparkError } from "../core/errors.ts";
import { isForgotten, isTransient, unreachable } from "./connection-failure.ts";
import type { ExecutePlanResponse } from "./protocol/spark-connect_pb.ts";
import { explainError } from "./server-error.ts";
import type { Plan, SparkClient } from "./spark-client.ts";

export interface ExecutionOptions {
  readonly signal?: AbortSignal | undefined;
  /** How long to retry a lost connection before the operation fails, in milliseconds. */
  readonly reconnectFor: number;
  /** Called when the connection was lost and the operation is reattached. */
  readonly onReconnect?: () => void;
}

const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 2000;
/** Bytes of responses after which they are released on the server. */
const RELEASE_AFTER = 8 * 2 ** 20;

/**
 * Executes a plan and yields its responses in order, each once, over as many connections as needed
 * ("reattachable execution" of Spark Connect). Ends only at the server's ResultComplete. Leaving
 * the iteration early interrupts the operation on the server.
 *
 * @throws SparkError
 */
export async function* execute(
  client: SparkClient,
  plan: Plan,
  { signal, onReconnect, reconnectFor }: ExecutionOptions,
): AsyncGenerator<ExecutePlanResponse> {
  const operation = new Operation(client, plan, signal);
  let unreachableSince: number | undefined;
  let pause = FIRST_PAUSE;
  try {
    while (!operation.isComplete) {
      let failure: unknown;
      try {
        for await (const response of operation.listen()) {
          unreachableSince = undefined;
          pause = FIRST_PAUSE;
          yield response;
        }
        if (operation.isComplete) return;
      } catch (error) {
        signal?.throwIfAborted();
        if (!isTransient(error)) throw error;
        failure = error;
      }
      // A server ends long streams now and then; the client must reattach for the rest.
      unreachableSince ??= performance.now();
      if (performance.now() - unreachableSince > reconnectFor) throw cutOff(client.origin, failure);
      if (failure) onReconnect?.();
      await sleep(pause, undefined, { signal });
      pause = Math.min(LONGEST_PAUSE, pause * 2);
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw await explainError(error, client);
  } finally {
    if (operation.isComplete) operation.release();
    else await operation.stop();
  }
}

/** An operation on the server, and the last response received. */
class Operation {
  isComplete = false;
  readonly #client: SparkClient;
  readonly #plan: Plan;
  readonly #signal: AbortSignal | undefined;
  readonly #id = randomUUID();
  #isKnown = false;
  #last: string | undefined;
  #unreleased = 0;

  constructor(client: SparkClient, plan: Plan, signal: AbortSignal | undefined) {
    this.#client = client;
    this.#plan = plan;
    this.#signal = signal;
  }

  /** The next responses, until the connection ends. */
  async *listen(): AsyncGenerator<ExecutePlanResponse> {
    try {
      yield* this.#receive();
    } catch (error) {
      if (!isForgotten(error)) throw error;
      if (this.#last !== undefined) throw lost(this.#client.origin, error);
      // The request did not reach the server.
      this.#isKnown = false;
    }
  }

  async *#receive(): AsyncGenerator<ExecutePlanResponse> {
    for await (const response of this.#ask()) {
      this.#isKnown = true;
      this.#client.noteServerSession(response);
      if (response.responseId) this.#last = response.responseId;
      const { responseType } = response;
      if (responseType.case === "resultComplete") {
        this.isComplete = true;
        continue;
      }
      yield response;
      if (responseType.case === "arrowBatch") this.#count(responseType.value.data.length);
    }
  }

  #ask(): AsyncIterable<ExecutePlanResponse> {
    const { calls, requester } = this.#client;
    const options = { ...(this.#signal && { signal: this.#signal }) };
    if (this.#isKnown) {
      const last = this.#last === undefined ? {} : { lastResponseId: this.#last };
      return calls.reattachExecute({ ...requester, operationId: this.#id, ...last }, options);
    }
    // The operation may have started although no response has arrived.
    this.#isKnown = true;
    const requestOption = { case: "reattachOptions", value: { reattachable: true } } as const;
    const request = {
      ...requester,
      operationId: this.#id,
      plan: this.#plan,
      requestOptions: [{ requestOption }],
    };
    return calls.executePlan(request, options);
  }

  #count(bytes: number): void {
    this.#unreleased += bytes;
    if (this.#unreleased < RELEASE_AFTER || this.#last === undefined) return;
    this.#unreleased = 0;
    this.#release({ case: "releaseUntil", value: { responseId: this.#last } });
  }

  /** Releases all responses on the server. */
  release(): void {
    this.#release({ case: "releaseAll", value: {} });
  }

  /** Interrupts it on the server, if the server can be reached. */
  async stop(): Promise<void> {
    if (!this.#isKnown) return;
    await this.#client.interrupt(this.#id).catch(() => undefined);
    this.release();
  }

  #release(release: Release): void {
    const { calls, requester } = this.#client;
    const request = { ...requester, operationId: this.#id, release };
    this.#client.afterwards(calls.releaseExecute(request, { timeoutMs: 5000 }));
  }
}

type Release =
  | { case: "releaseAll"; value: Record<string, never> }
  | { case: "releaseUntil"; value: { responseId: string } };

function cutOff(origin: string, failure: unknown): unknown {
  if (failure instanceof ConnectError) return failure;
  if (failure) return unreachable(origin, String(failure), failure);
  return new SparkError("CUT_OFF", `${origin} has ended a result before it was complete`, {
    hint: "A proxy between may cut long answers, and servers before Spark 3.5 never say that one is complete. Nothing of the result was kept.",
  });
}

function lost(origin: string, cause: unknown): SparkError {
  return new SparkError("LOST", `${origin} no longer knows a statement that was running`, {
    hint: "The server was started anew, or gave up waiting. Call connectSpark() again and repeat the statement.",
    cause,
  });
}

export type RelationInit = Extract<NonNullable<Plan["opType"]>, { case: "root" }>["value"];

/** Up to this limit, Spark sorts by top-n, with this number of rows in each thread's memory. */
const SORTED_MAX = 100_000;
const INT_MAX = 2 ** 31 - 1;

/**
 * Limits a relation to one row more than wanted, which shows that there are more. Without a limit,
 * Apache Spark collects the whole result before sending any of it, and runs out of memory on a
 * large one.
 *
 * A sorted relation gets a limit only when that is small: for a top-n Spark holds n rows in memory,
 * whereas it sorts on disk without a limit.
 *
 * @param statement the statement that the relation was made from
 */
export function limitRows(
  relation: RelationInit,
  maxRows: number,
  statement: string,
): RelationInit {
  const limit = maxRows + 1;
  if (limit > (ORDERED.test(statement) ? SORTED_MAX : INT_MAX)) return relation;
  return { relType: { case: "limit", value: { input: relation, limit } } };
}

const ORDERED = /\b(order|sort|cluster)\s+by\b/i;
