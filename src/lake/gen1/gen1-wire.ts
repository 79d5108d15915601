import type { PipelineResponse } from "@azure/core-rest-pipeline";
import { ForeignReply, jsonOf } from "../../core/azure-reply.ts";
import { escapePath } from "../location.ts";
import type { Transport, WireRequest } from "../transport.ts";

const API_VERSION = "2018-09-01";

/** An operation by its method and name, as the service's reference has them. */
type Operation = readonly [method: WireRequest["method"], name: string];
type Query = Readonly<Record<string, string | number | boolean>>;

/** How an account is asked over WebHDFS. */
export class Gen1Wire {
  readonly transport: Transport;
  readonly #endpoint: string;

  /** @param endpoint `https://ACCOUNT.azuredatalakestore.net` */
  constructor(endpoint: string, transport: Transport) {
    this.#endpoint = endpoint;
    this.transport = transport;
  }

  /** @param root where operations lie that only this service has */
  url(operation: string, path: string, query: Query, root = "webhdfs/v1"): string {
    const all = new URLSearchParams({ op: operation, "api-version": API_VERSION });
    for (const [name, value] of Object.entries(query)) all.set(name, String(value));
    return `${this.#endpoint}/${root}/${escapePath(path)}?${all}`;
  }

  /** What an operation answers. @throws ForeignReply where `read` finds another shape */
  async ask<T>(
    operation: Operation,
    path: string,
    query: Query,
    read: (json: Record<string, unknown>) => T | undefined,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const reply = await this.#send(operation, path, query, [200], signal);
    const answer = read(jsonOf(reply));
    if (answer !== undefined) return answer;
    throw new ForeignReply(reply, `its JSON is no answer to ${operation[1]}`);
  }

  /** Whether an operation did what it says: it answers true or false. */
  did(operation: Operation, path: string, query: Query, signal?: AbortSignal): Promise<boolean> {
    const read = ({ boolean }: Record<string, unknown>) =>
      typeof boolean === "boolean" ? boolean : undefined;
    return this.ask(operation, path, query, read, signal);
  }

  /** Has something done by an operation that answers nothing. */
  async tell(
    operation: Operation,
    path: string,
    query: Query,
    signal?: AbortSignal,
    success: readonly number[] = [200],
  ): Promise<void> {
    await this.#send(operation, path, query, success, signal);
  }

  #send(
    [method, name]: Operation,
    path: string,
    query: Query,
    success: readonly number[],
    signal: AbortSignal | undefined,
  ): Promise<PipelineResponse> {
    return this.transport.send({ method, url: this.url(name, path, query), success, signal });
  }
}
