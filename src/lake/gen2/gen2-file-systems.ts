import type { FileSystem, FileSystems } from "../store.ts";
import type { Gen2Wire } from "./gen2-wire.ts";

/** The file systems of a storage account, and the one at hand among them. */
export class Gen2FileSystems implements FileSystems {
  readonly #wire: Gen2Wire;

  constructor(wire: Gen2Wire) {
    this.#wire = wire;
  }

  async *list(signal?: AbortSignal, pageSize = 5000): AsyncGenerator<readonly FileSystem[]> {
    let token: string | undefined;
    do {
      const from = token;
      const settings = { maxPageSize: pageSize, ...(from && { continuationToken: from }) };
      const page = await this.#wire.call(async (on) => {
        const pages = this.#wire.service.listFileSystems(on).byPage(settings);
        for await (const page of pages) return page;
        return undefined;
      }, signal);
      yield (page?.fileSystemItems ?? []).map(({ name, properties }) => ({
        name,
        modified: properties.lastModified,
        publicAccess: properties.publicAccess,
      }));
      token = page?.continuationToken;
    } while (token);
  }

  async create(signal?: AbortSignal): Promise<void> {
    await this.#wire.call((on) => this.#wire.files.create(on), signal);
  }

  async delete(signal?: AbortSignal): Promise<void> {
    await this.#wire.call((on) => this.#wire.files.delete(on), signal);
  }
}
