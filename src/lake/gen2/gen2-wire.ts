import type { PipelineResponse } from "@azure/core-rest-pipeline";
import type {
  DataLakeFileClient,
  DataLakeFileSystemClient,
  DataLakeServiceClient,
} from "@azure/storage-file-datalake";
import { persist, persistOnce, stalled } from "../http/retry.ts";
import type { Transport, WireRequest } from "../http/transport.ts";
import { escapePath } from "../url/location.ts";

/** Version of the storage services' REST interface that the requests here are written for. */
export const API_VERSION = "2023-11-03";
/** The slowest upload, in bytes a millisecond, that does not count as a dead connection. */
const SLOWEST = 20;

/** A call of the Azure client, given its options. */
type Call<T> = (options: { abortSignal: AbortSignal }) => Promise<T>;

/** Requests to a file system, by the Azure client or by `Transport`, both with our retry policy. */
export class Gen2Wire {
  readonly transport: Transport;
  readonly service: DataLakeServiceClient;
  readonly files: DataLakeFileSystemClient;
  /** URL of the file system. */
  readonly root: string;

  /**
   * @param service the Azure client
   * @param transport for what the Azure client does not do well: listing, reading, deleting
   */
  constructor(service: DataLakeServiceClient, fileSystem: string, transport: Transport) {
    this.transport = transport;
    this.service = service;
    // The client wants a name even when only the account is asked.
    this.files = service.getFileSystemClient(fileSystem || "$root");
    this.root = this.files.url.replace(/\?.*$/s, "");
  }

  file(path: string): DataLakeFileClient {
    return this.files.getFileClient(path);
  }

  url(path: string): string {
    return path ? `${this.root}/${escapePath(path)}` : `${this.root}/`;
  }

  /** URL of a file at the Blob endpoint of the account. */
  blobUrl(path: string): string {
    return this.url(path).replace(".dfs.", ".blob.");
  }

  send(request: WireRequest): Promise<PipelineResponse> {
    return this.transport.send(versioned(request));
  }

  /** The same for a request that is not idempotent: see `persistOnce`. */
  sendOnce(
    request: WireRequest,
    wasDone: (error: unknown) => Promise<boolean>,
  ): Promise<PipelineResponse | undefined> {
    return this.transport.sendOnce(versioned(request), wasDone);
  }

  /** @param bytes size of the body that the call sends */
  call<T>(call: Call<T>, signal: AbortSignal | undefined, bytes = 0): Promise<T> {
    return persist(() => this.#once(call, signal, bytes), this.transport.retryPolicy, signal);
  }

  /** The same for a request that is not idempotent: see `persistOnce`. */
  async callOnce(
    call: Call<unknown>,
    wasDone: (error: unknown) => Promise<boolean>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const once = () => this.#once(call, signal, 0);
    await persistOnce(once, wasDone, this.transport.retryPolicy, signal);
  }

  /** The client's own retries ignore `Retry-After`, so they are off; it has no time limit. */
  async #once<T>(call: Call<T>, signal: AbortSignal | undefined, bytes: number): Promise<T> {
    const limit = Math.ceil(this.transport.retryPolicy.idle + bytes / SLOWEST);
    const timeout = AbortSignal.timeout(limit);
    try {
      return await call({ abortSignal: signal ? AbortSignal.any([signal, timeout]) : timeout });
    } catch (error) {
      throw timeout.aborted && !signal?.aborted ? stalled(limit) : error;
    }
  }
}

function versioned(request: WireRequest): WireRequest {
  return { ...request, headers: { "x-ms-version": API_VERSION, ...request.headers } };
}
