import type { PipelineResponse } from "@azure/core-rest-pipeline";
import type {
  DataLakeFileClient,
  DataLakeFileSystemClient,
  DataLakeServiceClient,
} from "@azure/storage-file-datalake";
import { escapePath } from "../location.ts";
import { persist, persistOnce, stalled } from "../retry.ts";
import type { Transport, WireRequest } from "../transport.ts";

/** Version of the storage services' REST interface that the requests here are written for. */
export const API_VERSION = "2023-11-03";
/** Bytes a millisecond below which a connection that sends counts as dead. */
const SLOWEST = 20;

/** A call of the stock client, given its options. */
type Call<T> = (options: { abortSignal: AbortSignal }) => Promise<T>;

/** The two ways in which a file system is asked, both with our own retry policy. */
export class Gen2Wire {
  readonly transport: Transport;
  readonly service: DataLakeServiceClient;
  readonly files: DataLakeFileSystemClient;
  /** URL of the file system. */
  readonly root: string;

  /**
   * @param service the stock client, for whatever it does well
   * @param transport for what it does not: listing, reading and the like
   */
  constructor(service: DataLakeServiceClient, fileSystem: string, transport: Transport) {
    this.transport = transport;
    this.service = service;
    // Of an account as a whole no file system is asked, and the client wants the name of one.
    this.files = service.getFileSystemClient(fileSystem || "$root");
    this.root = this.files.url.replace(/\?.*$/s, "");
  }

  file(path: string): DataLakeFileClient {
    return this.files.getFileClient(path);
  }

  url(path: string): string {
    return path ? `${this.root}/${escapePath(path)}` : `${this.root}/`;
  }

  /** Where the Blob service has a file: it is another endpoint of the same account. */
  blobUrl(path: string): string {
    return this.url(path).replace(".dfs.", ".blob.");
  }

  send(request: WireRequest): Promise<PipelineResponse> {
    return this.transport.send(versioned(request));
  }

  /** The same for what is done once only: see `persistOnce`. */
  sendOnce(
    request: WireRequest,
    wasDone: (error: unknown) => Promise<boolean>,
  ): Promise<PipelineResponse | undefined> {
    return this.transport.sendOnce(versioned(request), wasDone);
  }

  /** @param bytes how many the call sends */
  call<T>(call: Call<T>, signal: AbortSignal | undefined, bytes = 0): Promise<T> {
    return persist(() => this.#once(call, signal, bytes), this.transport.retryPolicy, signal);
  }

  /** The same for what is done once only: see `persistOnce`. */
  async callOnce(
    call: Call<unknown>,
    wasDone: (error: unknown) => Promise<boolean>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const once = () => this.#once(call, signal, 0);
    await persistOnce(once, wasDone, this.transport.retryPolicy, signal);
  }

  /**
   * The stock client's own retries are off, as they take no notice of `Retry-After`, and it has no
   * time limit of its own.
   */
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
