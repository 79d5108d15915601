import type { PipelineResponse } from "@azure/core-rest-pipeline";
import { ForeignReply, jsonOf } from "../../core/azure-reply.ts";
import type { Transport, WireRequest } from "../http/transport.ts";
import { escapePath } from "../url/location.ts";

const API_VERSION = "2018-09-01";

/** An operation by its HTTP method and WebHDFS name. */
type Operation = readonly [method: WireRequest["method"], name: string];
type Query = Readonly<Record<string, string | number | boolean>>;

/** WebHDFS requests to an account. */
export class Gen1Wire {
  readonly transport: Transport;
  readonly #endpoint: string;

  /** @param endpoint `https://ACCOUNT.azuredatalakestore.net` */
  constructor(endpoint: string, transport: Transport) {
    this.#endpoint = endpoint;
    this.transport = transport;
  }

  /** @param root `WebHdfsExt` for operations that are not in WebHDFS */
  url(operation: string, path: string, query: Query, root = "webhdfs/v1"): string {
    const all = new URLSearchParams({ op: operation, "api-version": API_VERSION });
    for (const [name, value] of Object.entries(query)) all.set(name, String(value));
    return `${this.#endpoint}/${root}/${escapePath(path)}?${all}`;
  }

  /** The JSON of an answer, read by `read`. @throws ForeignReply when `read` returns undefined */
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

  /** The answer of an operation that answers `{"boolean": …}`. */
  askBoolean(
    operation: Operation,
    path: string,
    query: Query,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const read = ({ boolean }: Record<string, unknown>) =>
      typeof boolean === "boolean" ? boolean : undefined;
    return this.ask(operation, path, query, read, signal);
  }

  /** For an operation that answers nothing. */
  async run(
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
