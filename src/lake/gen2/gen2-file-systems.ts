import type { FileSystems } from "../store.ts";
import type { Gen2Wire } from "./gen2-wire.ts";

/** The file systems of a storage account, and the one at hand among them. */
export class Gen2FileSystems implements FileSystems {
  readonly #wire: Gen2Wire;

  constructor(wire: Gen2Wire) {
    this.#wire = wire;
  }

  async names(signal?: AbortSignal): Promise<string[]> {
    const options = signal ? { abortSignal: signal } : {};
    const pages = this.#wire.service.listFileSystems(options).byPage({ maxPageSize: 100 });
    for await (const page of pages) return page.fileSystemItems.map(({ name }) => name);
    return [];
  }

  async create(signal?: AbortSignal): Promise<void> {
    await this.#wire.call((on) => this.#wire.files.create(on), signal);
  }

  async delete(signal?: AbortSignal): Promise<void> {
    await this.#wire.call((on) => this.#wire.files.delete(on), signal);
  }
}
