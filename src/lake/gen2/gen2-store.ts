import type { PipelineResponse, RestError } from "@azure/core-rest-pipeline";
import type { DataLakeFileSystemClient, DataLakeServiceClient } from "@azure/storage-file-datalake";
import type { AclChanges, LakeAccess, LakeEntry } from "../lake.ts";
import { escapePath, type LakeAddress } from "../location.ts";
import type { ReplyHead } from "../range-connection.ts";
import { ignoreMissing, type Patience, persist, stalled } from "../retry.ts";
import type { RangeRequest, RangeTaker, Store } from "../store.ts";
import type { Transport, WireRequest } from "../transport.ts";
import { pagesAhead } from "./pages.ts";

/** Version of the storage services' REST interface that the requests below are written for. */
const API_VERSION = "2023-11-03";
const PAGE = 5000;
/** Bytes a millisecond below which a connection that sends counts as dead. */
const SLOWEST = 20;

/** A page of the reply to a recursive change of access. */
interface AclPage {
  readonly filesSuccessful?: number;
  readonly directoriesSuccessful?: number;
  readonly failedEntries?: readonly { name: string; errorMessage: string }[];
}

/**
 * A file system of a Data Lake Storage Gen2 account, over its Path operations.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/data-lake-storage-gen2
 */
export class Gen2Store implements Store {
  readonly address: LakeAddress;
  readonly parallelAppends = true;
  readonly listsDeep = true;
  readonly #service: DataLakeServiceClient;
  readonly #files: DataLakeFileSystemClient;
  readonly #root: string;
  readonly #transport: Transport;
  readonly #patience: Patience;

  /**
   * @param service the stock client, for whatever it does well
   * @param transport for what it does not: listing and reading
   */
  constructor(
    address: LakeAddress,
    service: DataLakeServiceClient,
    transport: Transport,
    patience: Patience,
  ) {
    this.address = address;
    this.#service = service;
    this.#files = service.getFileSystemClient(address.fileSystem);
    this.#root = this.#files.url.replace(/\?.*$/s, "");
    this.#transport = transport;
    this.#patience = patience;
  }

  async fileSystems(signal?: AbortSignal): Promise<string[]> {
    const options = signal ? { abortSignal: signal } : {};
    const pages = this.#service.listFileSystems(options).byPage({ maxPageSize: 100 });
    for await (const page of pages) return page.fileSystemItems.map(({ name }) => name);
    return [];
  }

  async createFileSystem(signal?: AbortSignal): Promise<void> {
    await this.#do((on) => this.#files.create(on), signal);
  }

  async deleteFileSystem(signal?: AbortSignal): Promise<void> {
    await this.#do((on) => this.#files.delete(on), signal);
  }

  listPages(
    directory: string,
    { recursive, signal }: { recursive: boolean; signal?: AbortSignal | undefined },
  ): AsyncGenerator<LakeEntry[]> {
    const query = new URLSearchParams({
      resource: "filesystem",
      recursive: String(recursive),
      maxResults: String(PAGE),
      ...(directory && { directory }),
    });
    const { idle } = this.#patience;
    const headers = { "x-ms-version": API_VERSION };
    return pagesAhead((continuation, onNext, signal) => {
      if (continuation) query.set("continuation", continuation);
      const request = { method: "GET", url: `${this.#root}?${query}`, headers, signal } as const;
      const onHead = (headers: ReplyHead["headers"]) => onNext(headers["x-ms-continuation"] ?? "");
      const ask = () => this.#transport.readText(request, onHead, idle);
      return persist(ask, this.#patience, signal);
    }, signal);
  }

  async stat(path: string, signal?: AbortSignal): Promise<LakeEntry> {
    if (!path) return this.#statRoot(signal);
    const { headers } = await this.#send({ method: "HEAD", url: this.#url(path), signal });
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
    const { idle } = this.#patience;
    const request = { method: "GET", url: this.#url(path), headers, signal } as const;
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
      await this.#transport.receive(request, { head, bytes }, idle);
    } catch (error) {
      // An empty file has no first byte to ask for: only the whole of it can be had.
      const empty = (error as Partial<RestError>).statusCode === 416 && offset === 0 && !whole;
      if (!empty) throw error;
      await this.fetchRange(path, { offset, ...(etag && { etag }) }, taker, signal);
    }
  }

  async createFile(path: string, signal?: AbortSignal): Promise<void> {
    await this.#do((on) => this.#files.getFileClient(path).create(on), signal);
  }

  async createDirectory(path: string, signal?: AbortSignal): Promise<void> {
    await this.#do((on) => this.#files.getDirectoryClient(path).createIfNotExists(on), signal);
  }

  async append(
    path: string,
    position: number,
    bytes: Uint8Array,
    signal?: AbortSignal,
  ): Promise<void> {
    const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const file = this.#files.getFileClient(path);
    await this.#do((on) => file.append(body, position, body.length, on), signal, body.length);
  }

  async flush(path: string, size: number, signal?: AbortSignal, etag?: string): Promise<void> {
    const file = this.#files.getFileClient(path);
    const conditions = etag ? { ifMatch: etag } : {};
    await this.#do((on) => file.flush(size, { ...on, conditions }), signal);
  }

  async rename(from: string, to: string, overwrite: boolean, signal?: AbortSignal): Promise<void> {
    const destinationConditions = overwrite ? {} : { ifNoneMatch: "*" };
    const source = this.#files.getFileClient(from);
    let tries = 0;
    const move = (on: { abortSignal: AbortSignal }) => {
      tries++;
      // The client escapes the source but not the destination.
      return source.move(escapePath(to), { ...on, destinationConditions });
    };
    try {
      await this.#do(move, signal);
    } catch (error) {
      // An earlier try may have done it, though its answer never came: then the source is gone.
      const gone = tries > 1 && !(await this.stat(from, signal).catch(ignoreMissing));
      if (!gone || !(await this.stat(to, signal).catch(ignoreMissing))) throw error;
    }
  }

  async remove(path: string, recursive: boolean, signal?: AbortSignal): Promise<void> {
    let tries = 0;
    const remove = (on: { abortSignal: AbortSignal }) => {
      tries++;
      return this.#files.getDirectoryClient(path).delete(recursive, on);
    };
    await this.#do(remove, signal).catch((error) => {
      if (tries === 1) throw error;
      ignoreMissing(error); // an earlier try did it, though its answer never came
    });
  }

  async setExpiry(path: string, at: Date | undefined, signal?: AbortSignal): Promise<void> {
    const file = this.#files.getFileClient(path);
    const expiresOn = at && new Date(Math.ceil(at.getTime() / 1000) * 1000);
    const set = (on: { abortSignal: AbortSignal }) =>
      expiresOn
        ? file.setExpiry("Absolute", { ...on, expiresOn })
        : file.setExpiry("NeverExpire", on);
    await this.#do(set, signal);
  }

  async access(path: string, signal?: AbortSignal): Promise<LakeAccess> {
    const url = `${this.#url(path)}?action=getAccessControl`;
    const { headers } = await this.#send({ method: "HEAD", url, signal });
    return {
      owner: headers.get("x-ms-owner") ?? "",
      group: headers.get("x-ms-group") ?? "",
      permissions: headers.get("x-ms-permissions") ?? "",
      acl: (headers.get("x-ms-acl") ?? "").split(",").filter(Boolean),
    };
  }

  async setAcl(path: string, acl: string, signal?: AbortSignal): Promise<void> {
    const url = `${this.#url(path)}?action=setAccessControl`;
    await this.#send({ method: "PATCH", url, headers: { "x-ms-acl": acl }, signal });
  }

  async setAclBelow(
    path: string,
    acl: string,
    mode: "set" | "modify" | "remove",
    signal?: AbortSignal,
  ): Promise<AclChanges> {
    const query = new URLSearchParams({ action: "setAccessControlRecursive", mode });
    query.set("forceFlag", "true"); // goes on behind a failure, and tells of it
    const changes = {
      files: 0,
      directories: 0,
      failures: [] as { path: string; reason: string }[],
    };
    for (;;) {
      const url = `${this.#url(path)}?${query}`;
      const headers = { "x-ms-acl": acl };
      const reply = await this.#send({ method: "PATCH", url, headers, signal });
      const page = JSON.parse(reply.bodyAsText ?? "{}") as AclPage;
      changes.files += page.filesSuccessful ?? 0;
      changes.directories += page.directoriesSuccessful ?? 0;
      for (const { name, errorMessage } of page.failedEntries ?? []) {
        changes.failures.push({ path: name, reason: errorMessage });
      }
      const continuation = reply.headers.get("x-ms-continuation");
      if (!continuation) return changes;
      query.set("continuation", continuation);
    }
  }

  async #statRoot(signal?: AbortSignal): Promise<LakeEntry> {
    const { etag = "", lastModified = new Date(0) } = await this.#do(
      (on) => this.#files.getProperties(on),
      signal,
    );
    return { path: "", kind: "directory", size: 0, modified: lastModified, etag };
  }

  /**
   * Runs a call of the stock client. Its own retries are off, as they take no notice of
   * `Retry-After`, and it has no time limit of its own.
   */
  #do<T>(
    call: (options: { abortSignal: AbortSignal }) => Promise<T>,
    signal: AbortSignal | undefined,
    bytes = 0,
  ): Promise<T> {
    const limit = Math.ceil(this.#patience.idle + bytes / SLOWEST);
    const once = async () => {
      const timeout = AbortSignal.timeout(limit);
      try {
        return await call({ abortSignal: signal ? AbortSignal.any([signal, timeout]) : timeout });
      } catch (error) {
        throw timeout.aborted && !signal?.aborted ? stalled(limit) : error;
      }
    };
    return persist(once, this.#patience, signal);
  }

  #url(path: string): string {
    return path ? `${this.#root}/${escapePath(path)}` : `${this.#root}/`;
  }

  #send(request: WireRequest): Promise<PipelineResponse> {
    const headers = { "x-ms-version": API_VERSION, ...request.headers };
    const timeout = this.#patience.idle;
    return persist(
      () => this.#transport.send({ timeout, ...request, headers }),
      this.#patience,
      request.signal,
    );
  }
}
