import type { Readable } from "node:stream";
import type { LakeEntry } from "./lake.ts";
import type { LakeAddress } from "./location.ts";

/** Which part of a file to read, and of which version. */
export interface RangeRequest {
  readonly offset: number;
  /** To the end when absent. */
  readonly length?: number;
  /** Fails when the file is no longer this version. */
  readonly etag?: string;
}

/** The bytes of a file as they arrive. */
export interface RangeReply {
  readonly body: Readable;
  /** Where in the file this reply begins. */
  readonly offset: number;
  /** Bytes of the whole file. */
  readonly size: number;
  readonly etag: string;
  readonly modified: Date;
}

/**
 * What a service can do, one request or so a method. Paths are checked already. A failure is a
 * RestError with the service's own code, or whatever the network threw.
 */
export interface Store {
  readonly address: LakeAddress;
  /** Names of some file systems of the same account, where the service has such. */
  fileSystems?(signal?: AbortSignal): Promise<string[]>;
  /** Pages of a directory's entries; with `recursive`, of all below it. */
  listPages(
    directory: string,
    options: { recursive: boolean; signal?: AbortSignal | undefined },
  ): AsyncIterable<LakeEntry[]>;
  stat(path: string, signal?: AbortSignal): Promise<LakeEntry>;
  openRange(path: string, range: RangeRequest, signal?: AbortSignal): Promise<RangeReply>;
  /** An empty file, in place of whatever file is there. */
  createFile(path: string, signal?: AbortSignal): Promise<void>;
  /** Adds `bytes` where the file ends now, at `position`. */
  append(path: string, position: number, bytes: Uint8Array, signal?: AbortSignal): Promise<void>;
  /** Makes what was appended visible, up to `size`. */
  flush(path: string, size: number, signal?: AbortSignal): Promise<void>;
  /** In one step; refused when `to` exists and `overwrite` is false. */
  rename(from: string, to: string, overwrite: boolean, signal?: AbortSignal): Promise<void>;
  remove(path: string, recursive: boolean, signal?: AbortSignal): Promise<void>;
}
