import { escapePath } from "../location.ts";
import type { Transport, WireRequest } from "../transport.ts";

const API_VERSION = "2018-09-01";

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

  /** @returns the JSON of the reply; an empty object when it has none */
  async json(
    method: WireRequest["method"],
    operation: string,
    path: string,
    query: Query,
    signal: AbortSignal | undefined,
  ): Promise<Record<string, unknown>> {
    const url = this.url(operation, path, query);
    const { bodyAsText } = await this.transport.send({ method, url, signal });
    return bodyAsText ? JSON.parse(bodyAsText) : {};
  }
}
