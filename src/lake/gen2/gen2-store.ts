import type { RestError } from "@azure/core-rest-pipeline";
import type { DataLakeServiceClient } from "@azure/storage-file-datalake";
import type { LakeEntry } from "../lake.ts";
import { escapePath, type LakeAddress } from "../location.ts";
import type { ReplyHead } from "../range-connection.ts";
import { ignoreMissing } from "../retry.ts";
import type { ListOptions, Page, RangeRequest, RangeTaker, Store } from "../store.ts";
import type { Transport } from "../transport.ts";
import { copyByService, copyProperties } from "./copying.ts";
import { Gen2Access } from "./gen2-access.ts";
import { Gen2FileSystems } from "./gen2-file-systems.ts";
import { API_VERSION, Gen2Wire } from "./gen2-wire.ts";
import { pagesAhead } from "./pages.ts";

const PAGE_SIZE = 5000;

/**
 * A file system of a Data Lake Storage Gen2 account, over its Path operations.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/data-lake-storage-gen2
 */
export class Gen2Store implements Store {
  readonly address: LakeAddress;
  readonly fileSystems: Gen2FileSystems;
  readonly access: Gen2Access;
  readonly parallelAppends = true;
  readonly listsDeep = true;
  readonly #wire: Gen2Wire;

  constructor(address: LakeAddress, service: DataLakeServiceClient, transport: Transport) {
    this.address = address;
    this.#wire = new Gen2Wire(service, address.fileSystem, transport);
    this.fileSystems = new Gen2FileSystems(this.#wire);
    this.access = new Gen2Access(this.#wire);
  }

  listPages(directory: string, options: ListOptions): AsyncGenerator<Page> {
    const { recursive, pageSize = PAGE_SIZE, signal } = options;
    const query = new URLSearchParams({
      resource: "filesystem",
      recursive: String(recursive),
      maxResults: String(pageSize),
      ...(directory && { directory }),
    });
    const { root, transport } = this.#wire;
    const headers = { "x-ms-version": API_VERSION };
    return pagesAhead((continuation, onNext, signal) => {
      if (continuation) query.set("continuation", continuation);
      const request = { method: "GET", url: `${root}?${query}`, headers, signal } as const;
      return transport.readText(request, (head) => onNext(head["x-ms-continuation"] ?? ""));
    }, signal);
  }

  async stat(path: string, signal?: AbortSignal): Promise<LakeEntry> {
    if (!path) return this.#statRoot(signal);
    const url = this.#wire.url(path);
    const { headers } = await this.#wire.send({ method: "HEAD", url, signal });
    const directory = headers.get("x-ms-resource-type") === "directory";
    const expires = headers.get("x-ms-expiry-time");
    return {
      path,
      kind: directory ? "directory" : "file",
      size: directory ? 0 : Number(headers.get("content-length") ?? 0),
      modified: new Date(headers.get("last-modified") ?? 0),
      etag: headers.get("etag") ?? "",
      ...(expires && { expires: new Date(expires) }),
    };
  }

  async fetchRange(
    path: string,
    { offset, length, etag }: RangeRequest,
    taker: RangeTaker,
    signal?: AbortSignal,
  ): Promise<void> {
    const last = length === undefined ? "" : offset + length - 1;
    const whole = offset === 0 && length === undefined;
    const headers = {
      "x-ms-version": API_VERSION,
      ...(!whole && { Range: `bytes=${offset}-${last}` }),
      ...(etag && { "If-Match": etag }),
    };
    const request = { method: "GET", url: this.#wire.url(path), headers, signal } as const;
    const bytes = (chunk: Uint8Array) => taker.bytes(chunk);
    const head = ({ headers }: ReplyHead) => {
      const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers["content-range"] ?? "");
      taker.begin(Number(range?.[1] ?? 0), {
        size: Number(range?.[2] ?? headers["content-length"] ?? 0),
        etag: headers.etag ?? "",
        modified: new Date(headers["last-modified"] ?? 0),
      });
    };
    try {
      await this.#wire.transport.receive(request, { head, bytes });
    } catch (error) {
      // An empty file has no first byte to ask for: only the whole of it can be had.
      const empty = (error as Partial<RestError>).statusCode === 416 && offset === 0 && !whole;
      if (!empty) throw error;
      await this.fetchRange(path, { offset, ...(etag && { etag }) }, taker, signal);
    }
  }

  async createFile(path: string, signal?: AbortSignal): Promise<void> {
    await this.#wire.call((on) => this.#wire.file(path).create(on), signal);
  }

  async createDirectory(path: string, signal?: AbortSignal): Promise<void> {
    const directory = this.#wire.files.getDirectoryClient(path);
    await this.#wire.call((on) => directory.createIfNotExists(on), signal);
  }

  async append(
    path: string,
    position: number,
    bytes: Uint8Array,
    signal?: AbortSignal,
  ): Promise<void> {
    const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const { length } = body;
    const file = this.#wire.file(path);
    await this.#wire.call((on) => file.append(body, position, length, on), signal, length);
  }

  async flush(path: string, size: number, signal?: AbortSignal, etag?: string): Promise<void> {
    const conditions = etag ? { ifMatch: etag } : {};
    const file = this.#wire.file(path);
    await this.#wire.call((on) => file.flush(size, { ...on, conditions }), signal);
  }

  rename(from: string, to: string, overwrite: boolean, signal?: AbortSignal): Promise<void> {
    const destinationConditions = overwrite ? {} : { ifNoneMatch: "*" };
    const source = this.#wire.file(from);
    const isThere = async (path: string) =>
      (await this.stat(path, signal).catch(ignoreMissing)) !== undefined;
    return this.#wire.callOnce(
      // The client escapes the source but not the destination.
      (on) => source.move(escapePath(to), { ...on, destinationConditions }),
      async () => !(await isThere(from)) && (await isThere(to)),
      signal,
    );
  }

  remove(path: string, recursive: boolean, signal?: AbortSignal): Promise<void> {
    const directory = this.#wire.files.getDirectoryClient(path);
    return this.#wire.callOnce(
      (on) => directory.delete(recursive, on),
      async (error) => ignoreMissing(error) === undefined,
      signal,
    );
  }

  copy(from: LakeEntry, to: string, signal?: AbortSignal): Promise<void> {
    return copyByService(this.#wire, from, to, signal);
  }

  copyProperties(from: string, to: string, signal?: AbortSignal): Promise<void> {
    return copyProperties(this.#wire, from, to, signal);
  }

  async setExpiry(path: string, at: Date | undefined, signal?: AbortSignal): Promise<void> {
    const file = this.#wire.file(path);
    const expiresOn = at && new Date(Math.ceil(at.getTime() / 1000) * 1000);
    const set = (on: { abortSignal: AbortSignal }) =>
      expiresOn
        ? file.setExpiry("Absolute", { ...on, expiresOn })
        : file.setExpiry("NeverExpire", on);
    await this.#wire.call(set, signal);
  }

  async #statRoot(signal?: AbortSignal): Promise<LakeEntry> {
    const properties = await this.#wire.call((on) => this.#wire.files.getProperties(on), signal);
    const { etag = "", lastModified = new Date(0) } = properties;
    return { path: "", kind: "directory", size: 0, modified: lastModified, etag };
  }
}
