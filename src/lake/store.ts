import type { Taken } from "./http/range-connection.ts";
import type { AclChanges, LakeAccess, LakeEntry } from "./lake.ts";
import type { LakeAddress } from "./url/location.ts";

/** What to list of a directory. */
export interface ListOptions {
  /** All that lies below it, not only what lies directly in it. */
  readonly recursive: boolean;
  /** The most entries of a page. Default: as many as the service gives. */
  readonly pageSize?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Some of the entries of a listing. */
export interface Page {
  readonly entries: readonly LakeEntry[];
  /** Whether no page follows. */
  readonly isLast: boolean;
}

/** Which part of a file to read, and of which version. */
export interface RangeRequest {
  readonly offset: number;
  /** To the end when absent. */
  readonly length?: number;
  /** Fails when the file is no longer this version. */
  readonly etag?: string;
  /** Size and ETag from a listing or an earlier reply: the same ETag with another size is an error. */
  readonly known?: Pick<FileVersion, "size" | "etag"> | undefined;
}

/** What is known of a file once its first bytes arrive. */
export interface FileVersion {
  /** Bytes of the whole file. */
  readonly size: number;
  readonly etag: string;
  readonly modified: Date;
}

/** Receives a range of a file as it arrives. */
export interface RangeSink {
  /** The bytes to come begin where the request said. */
  begin(version: FileVersion): void;
  /** See `BlockSink`. */
  bytes(bytes: Uint8Array): Taken;
}

/**
 * The operations of a storage service, mostly one request each. Paths are checked already. A failure
 * is a RestError with the service's own code, a ForeignReply, or the network's own error.
 */
export interface Store {
  readonly address: LakeAddress;
  /** Absent where an account is always one file system. */
  readonly fileSystems?: FileSystems;
  readonly access: AccessLists;
  /** Whether `listPages` can be asked for all below a directory at once. */
  readonly listsDeep: boolean;
  /** Pages of a directory's entries; with `recursive`, of all below it. */
  listPages(directory: string, options: ListOptions): AsyncIterable<Page>;
  stat(path: string, signal?: AbortSignal): Promise<LakeEntry>;
  /** MD5 of a file in base64, where the service keeps it. */
  md5?(path: string, signal?: AbortSignal): Promise<string | undefined>;
  /** Asks once for a range of a file; fails when no byte comes for a while. */
  fetchRange(
    path: string,
    range: RangeRequest,
    sink: RangeSink,
    signal?: AbortSignal,
  ): Promise<void>;
  /** An empty file, in place of whatever file is there. */
  createFile(path: string, signal?: AbortSignal): Promise<void>;
  /** A directory and those above it; one that is there stays as it is. */
  createDirectory(path: string, signal?: AbortSignal): Promise<void>;
  /** Whether several appends to one file may be under way at once. */
  readonly parallelAppends: boolean;
  /** Adds `bytes` at `position`: the end of the file, or of another append that is under way. */
  append(path: string, position: number, bytes: Uint8Array, signal?: AbortSignal): Promise<void>;
  /** Commits what was appended, up to `size` bytes; with `etag`, only to that version of the file. */
  flush(path: string, size: number, signal?: AbortSignal, etag?: string): Promise<void>;
  /** In one step; refused when `to` exists and `overwrite` is false. */
  rename(from: string, to: string, overwrite: boolean, signal?: AbortSignal): Promise<void>;
  remove(path: string, recursive: boolean, signal?: AbortSignal): Promise<void>;
  /** Joins files into one that is not there yet, and removes them, where the service can. */
  concat?(parts: readonly string[], to: string, signal?: AbortSignal): Promise<void>;
  /** When the service is to delete a file by itself; `undefined` for never. */
  setExpiry(path: string, at: Date | undefined, signal?: AbortSignal): Promise<void>;
  /**
   * Copies this version of a file, with its properties, to a new path within the service. The
   * caller copies through this machine when the service refuses to copy.
   */
  copy?(from: LakeEntry, to: string, signal?: AbortSignal): Promise<void>;
  /** Gives a file the content type, metadata and other properties of another. */
  copyProperties?(from: string, to: string, signal?: AbortSignal): Promise<void>;
}

/** A file system, as a listing of its account has it. */
export interface FileSystem {
  readonly name: string;
  /** When it or its properties were changed last; changes of files in it do not count. */
  readonly modified: Date;
  /** What anyone may read without signing in: nothing when absent. */
  readonly publicAccess: "filesystem" | "file" | undefined;
}

/** The file systems of an account. */
export interface FileSystems {
  /** Pages of them, in name order. */
  list(signal?: AbortSignal, pageSize?: number): AsyncIterable<readonly FileSystem[]>;
  /** Makes the one at hand; refused when it is there. */
  create(signal?: AbortSignal): Promise<void>;
  /** Deletes the one at hand. */
  delete(signal?: AbortSignal): Promise<void>;
}

/** Who may do what with the files and directories of a store. */
export interface AccessLists {
  get(path: string, signal?: AbortSignal): Promise<LakeAccess>;
  set(path: string, acl: string, signal?: AbortSignal): Promise<void>;
  /** Changes the list of a directory and of all below it. */
  setBelow(
    path: string,
    acl: string,
    mode: "set" | "modify" | "remove",
    signal?: AbortSignal,
  ): Promise<AclChanges>;
}
