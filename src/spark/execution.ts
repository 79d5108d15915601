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
  /** How long a server may be away before an operation is given up, in milliseconds. */
  readonly reconnectFor: number;
  /** Told when the connection was lost and the result is asked for again. */
  readonly onReconnect?: () => void;
}

const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 2000;
/** Bytes of answers after which the server is told that it need not keep them. */
const RELEASE_AFTER = 8 * 2 ** 20;

/**
 * Runs a plan on the server and gives its answers in order, each once, over as many connections as
 * it takes ("reattachable execution" of Spark Connect). It ends only when the server has said that
 * the result is complete. Whoever stops listening before stops the operation on the server, too.
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
      // A server ends a long stream now and then, and wants to be asked for the rest of it.
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

/** One operation of the server, and how much of its answers is here. */
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

  /** The answers that have not come yet, as far as one connection brings them. */
  async *listen(): AsyncGenerator<ExecutePlanResponse> {
    try {
      yield* this.#receive();
    } catch (error) {
      if (!isForgotten(error)) throw error;
      if (this.#last !== undefined) throw lost(this.#client.origin, error);
      // The request itself was lost on its way.
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
    // The operation may have reached the server although its first answer has not come back.
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

  /** Tells the server that all of it has arrived. */
  release(): void {
    this.#release({ case: "releaseAll", value: {} });
  }

  /** Stops it on the server, as far as that can still be reached. */
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

/** A relation on its way to a server. */
export type RelationInit = Extract<NonNullable<Plan["opType"]>, { case: "root" }>["value"];

/** Rows that Apache Spark's threads may each hold in memory to find the first ones of an order. */
const SORTED_MAX = 100_000;
const INT_MAX = 2 ** 31 - 1;

/**
 * A relation that ends one row after the most that are wanted, which is how it is seen that there
 * are more. Apache Spark collects a result before it sends the first of it, and dies of one that is
 * larger than its memory.
 *
 * Rows in an order are limited only where they are few: Spark finds the first ones of an order in
 * memory, with room for all that it is asked for, and sorts on disk what has no limit.
 *
 * @param statement what the relation was made from
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
