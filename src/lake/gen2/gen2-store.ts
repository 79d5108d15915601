import { type PipelineResponse, RestError } from "@azure/core-rest-pipeline";
import type { DataLakeServiceClient } from "@azure/storage-file-datalake";
import { ForeignReply, headerOf, lengthOf, timeOf } from "../../core/azure-reply.ts";
import { ignoreMissing } from "../http/retry.ts";
import type { Transport } from "../http/transport.ts";
import type { LakeEntry } from "../lake.ts";
import { Continuations } from "../list/continuations.ts";
import { isOneLake, withItemOf } from "../onelake.ts";
import type { FileVersion, ListOptions, Page, RangeRequest, RangeSink, Store } from "../store.ts";
import { escapePath, type LakeAddress } from "../url/location.ts";
import { copyByService, copyProperties } from "./copy-path.ts";
import { Gen2Access } from "./gen2-access.ts";
import { Gen2FileSystems } from "./gen2-file-systems.ts";
import { API_VERSION, Gen2Wire } from "./gen2-wire.ts";
import { type AskPage, pagesAhead } from "./pages-ahead.ts";

const PAGE_SIZE = 5000;
const OK = [200];
const PARTIAL = [206];

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
    const ask: AskPage = (continuation, onNext, signal) => {
      if (continuation) query.set("continuation", continuation);
      const url = `${root}?${query}`;
      const request = { method: "GET", url, success: OK, headers, signal } as const;
      return transport.send(request, (reply) =>
        onNext(reply.headers.get("x-ms-continuation") ?? ""),
      );
    };
    const nameOf = isOneLake(this.address) ? withItemOf(directory) : undefined;
    return pagesAhead(ask, directory, signal, nameOf);
  }

  async stat(path: string, signal?: AbortSignal): Promise<LakeEntry> {
    if (!path) return this.#statRoot(signal);
    const url = this.#wire.url(path);
    const reply = await this.#wire.send({ method: "HEAD", url, success: OK, signal });
    const directory = reply.headers.get("x-ms-resource-type") === "directory";
    const expires = reply.headers.get("x-ms-expiry-time");
    return {
      path,
      kind: directory ? "directory" : "file",
      size: directory ? 0 : lengthOf(reply),
      modified: timeOf(reply, "Last-Modified"),
      etag: headerOf(reply, "ETag"),
      ...(expires && { expires: new Date(expires) }),
    };
  }

  async md5(path: string, signal?: AbortSignal): Promise<string | undefined> {
    const url = this.#wire.url(path);
    const reply = await this.#wire.send({ method: "HEAD", url, success: OK, signal });
    return reply.headers.get("content-md5");
  }

  async fetchRange(
    path: string,
    range: RangeRequest,
    sink: RangeSink,
    signal?: AbortSignal,
  ): Promise<void> {
    const { offset, length, etag, known } = range;
    const last = length === undefined ? "" : offset + length - 1;
    const whole = offset === 0 && length === undefined;
    const headers = {
      "x-ms-version": API_VERSION,
      ...(!whole && { Range: `bytes=${offset}-${last}` }),
      ...(etag && { "If-Match": etag }),
    };
    const success = whole ? OK : PARTIAL;
    const request = { method: "GET", url: this.#wire.url(path), success, headers, signal } as const;
    const bytes = (chunk: Uint8Array) => sink.bytes(chunk);
    const head = (reply: PipelineResponse) => sink.begin(versionIn(reply, range, whole));
    try {
      await this.#wire.transport.receive(request, { head, bytes });
    } catch (error) {
      // An empty file has no first byte to ask for: only the whole of it can be had.
      const empty = (error as Partial<RestError>).statusCode === 416 && offset === 0 && !whole;
      if (!empty) throw error;
      await this.fetchRange(path, { offset, ...(etag && { etag }), known }, sink, signal);
    }
  }

  async createFile(path: string, signal?: AbortSignal): Promise<void> {
    await this.#wire.call((on) => this.#wire.file(path).create(on), signal);
  }

  async createDirectory(path: string, signal?: AbortSignal): Promise<void> {
    const directory = this.#wire.files.getDirectoryClient(path);
    const made = await this.#wire.call((on) => directory.createIfNotExists(on), signal);
    if (made.succeeded || (await this.stat(path, signal)).kind === "directory") return;
    throw new RestError("a file is in the way", { statusCode: 409, code: "PathConflict" });
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
    return removePath(this.#wire, path, recursive, signal);
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
    if (isOneLake(this.address)) return this.#statWorkspace(signal);
    const properties = await this.#wire.call((on) => this.#wire.files.getProperties(on), signal);
    const { etag, lastModified } = properties;
    if (!etag || !lastModified) throw new RestError("a file system without an ETag");
    return { path: "", kind: "directory", size: 0, modified: lastModified, etag };
  }

  /** The Azure client would send this request to the Data Lake endpoint as for a container. */
  async #statWorkspace(signal?: AbortSignal): Promise<LakeEntry> {
    const url = `${this.#wire.root}?resource=filesystem`;
    const reply = await this.#wire.send({ method: "HEAD", url, success: OK, signal });
    const modified = timeOf(reply, "Last-Modified");
    return { path: "", kind: "directory", size: 0, modified, etag: headerOf(reply, "ETag") };
  }
}

/**
 * The version of the file in a reply.
 *
 * @throws ForeignReply when the reply has another range or version than requested, or another size
 *   than the version is known to have
 */
function versionIn(
  reply: PipelineResponse,
  { offset, length = Number.POSITIVE_INFINITY, etag, known }: RangeRequest,
  whole: boolean,
): FileVersion {
  const bytes = lengthOf(reply);
  let size = bytes;
  if (!whole) {
    const [, start, last, total] =
      /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(headerOf(reply, "Content-Range")) ?? [];
    size = Number(total);
    const end = Math.min(offset + length, size);
    if (Number(start) !== offset || Number(last) !== end - 1 || bytes !== end - offset) {
      throw new ForeignReply(reply, "it is not the range that was asked for");
    }
  }
  const version = { size, etag: headerOf(reply, "ETag"), modified: timeOf(reply, "Last-Modified") };
  if (etag && etag !== "*" && version.etag !== etag) {
    throw new ForeignReply(reply, "it is not the version that was asked for");
  }
  if (known && known.etag === version.etag && known.size !== size) {
    throw new ForeignReply(reply, `this version has ${known.size} bytes, not ${size}`);
  }
  return version;
}

/**
 * Removes a file or a directory. A large directory takes several requests where the service checks the
 * access control list of each path in it.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/datalakestoragegen2/path/delete
 */
async function removePath(
  wire: Gen2Wire,
  path: string,
  recursive: boolean,
  signal?: AbortSignal,
): Promise<void> {
  const query = new URLSearchParams({ recursive: String(recursive) });
  // Access control lists do not apply to a key or a signature: one request is enough.
  if (recursive && wire.transport.hasToken) query.set("paginated", "true");
  const continuations = new Continuations();
  for (;;) {
    const url = `${wire.url(path)}?${query}`;
    const request = { method: "DELETE", url, success: [200], signal } as const;
    const wasDone = async (error: unknown) => ignoreMissing(error) === undefined;
    const reply = await wire.sendOnce(request, wasDone);
    const continuation = reply?.headers.get("x-ms-continuation");
    if (!reply || !continuation) return;
    if (!continuations.isNew(continuation)) {
      throw new ForeignReply(reply, "its continuation token came before");
    }
    query.set("continuation", continuation);
  }
}
