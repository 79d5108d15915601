import type { Readable } from "node:stream";
import type { Listing } from "../core/listing.ts";
import type { SyncChange } from "./sync/sync-plan.ts";

/** One file or directory of a lake. */
export interface LakeEntry {
  /** Path from the file system's root, without a leading slash: `sales/2026/01.parquet`. */
  readonly path: string;
  readonly kind: "file" | "directory";
  /** Bytes; 0 for a directory. */
  readonly size: number;
  readonly modified: Date;
  /** Changes whenever the content does. Quoted, as HTTP has it. */
  readonly etag: string;
  /** When the service deletes the file; absent for never. */
  readonly expires?: Date;
}

/** Options of every call that waits on the lake. */
export interface LakeCallOptions {
  signal?: AbortSignal | undefined;
}

export interface GlobOptions extends LakeCallOptions {
  /** Also match names that begin with a dot, in the directories where a match can be. */
  hidden?: boolean;
}

export interface ReadOptions extends LakeCallOptions {
  /** First byte to read, from 0. */
  offset?: number;
  /** Bytes to read; to the end when absent. */
  length?: number;
  /** Reads only this version of the file; with another one there, fails with code `CONFLICT`. */
  etag?: string;
}

export interface ReadBytesOptions extends ReadOptions {
  /** Memory to read into, from its start; the part that was filled is returned. */
  into?: Uint8Array;
  /**
   * Called for each piece as it arrives, with its position in the file. Blocks of 32 MiB arrive in
   * parallel, each in order.
   */
  onBytes?: (start: number, end: number) => void;
}

export interface WriteOptions extends LakeCallOptions {
  /** Replace an existing file; without it, writing over one is refused with code `EXISTS`. */
  overwrite?: boolean;
}

/** Progress of a download, an upload or a copy. */
export interface TransferProgress {
  /** Path in the lake of the file that made this step. */
  readonly path: string;
  /** Bytes transferred so far, of all files. */
  readonly bytes: number;
  /** Bytes to transfer in all, as far as known by now. */
  readonly totalBytes: number;
  /** Files finished so far. */
  readonly files: number;
  /** Files to transfer, as far as known by now. */
  readonly totalFiles: number;
}

export interface TransferOptions extends WriteOptions {
  onProgress?: (progress: TransferProgress) => void;
}

export interface DownloadOptions extends TransferOptions {
  /**
   * Whether to wait until the bytes are on the disk (default). With `false`, a power cut soon after may
   * lose some of them.
   */
  durable?: boolean;
  /** The entry of the path, from a listing or `stat`, to save a request. */
  entry?: LakeEntry;
}

export interface SyncOptions extends LakeCallOptions {
  /** Change nothing, and return what would be done. */
  dryRun?: boolean;
  /** Delete files and directories that the source does not have, once all else is done. */
  delete?: boolean;
  /**
   * How files of the same size are compared: by `"time"` (the default), a source that was modified later
   * is copied; by `"md5"`, one whose content differs. The service has no MD5 of most files: then their
   * bytes are read.
   */
  compare?: "time" | "md5";
  onProgress?: (progress: TransferProgress) => void;
}

/** What a sync did, or would do; a cell that ends in it shows that as a table. */
export interface SyncResult {
  /** In path order. */
  readonly changes: readonly SyncChange[];
  /** Files that did not differ. */
  readonly same: number;
  /** Whether this was a dry run. */
  readonly dryRun: boolean;
}

export interface RemoveOptions extends LakeCallOptions {
  /** Remove a directory with all that lies in it. */
  recursive?: boolean;
}

/** Whatever a file can be written from. */
export type LakeContent = string | Uint8Array | AsyncIterable<Uint8Array>;

/** Who may do what with a file or directory. */
export interface LakeAccess {
  /** Object id of the owner, or `$superuser`. */
  readonly owner: string;
  readonly group: string;
  /** As `ls -l` has them: `rwxr-x---`. */
  readonly permissions: string;
  /** Entries in POSIX form: `user::rwx`, `group:OBJECT_ID:r-x`, `default:other::---`. */
  readonly acl: readonly string[];
}

export interface SetAclOptions extends LakeCallOptions {
  /** For the directory and all that lies in it. */
  recursive?: boolean;
  /**
   * With `recursive`: put the entries in place of all others (the default), add them to the others,
   * or remove those named. Entries to remove have no permissions: `user:OBJECT_ID`.
   */
  mode?: "set" | "modify" | "remove";
}

/** How many files and directories a change of access reached. */
export interface AclChanges {
  readonly files: number;
  readonly directories: number;
  /** Those that could not be changed, and why. */
  readonly failures: readonly { readonly path: string; readonly reason: string }[];
}

/** What a directory holds, all below it counted. */
export interface LakeUsage {
  readonly files: number;
  readonly directories: number;
  readonly bytes: number;
}

/**
 * One file system of a storage account. A path is relative to the root of the file system; a URL
 * that leads into this file system, of any form that `openLake` takes, is accepted wherever a path is.
 *
 * Every method throws a LakeError: `NOT_FOUND`, `FORBIDDEN`, `UNAUTHENTICATED`, `EXISTS`,
 * `CONFLICT`, `BAD_PATH`, `BAD_RANGE`, `THROTTLED`, `UNREACHABLE`, `LOCAL_FILE` and so on; `NOT_AZURE`
 * where a proxy or a network answered instead of the service.
 */
export interface Lake {
  /** `abfss://FILESYSTEM@ACCOUNT.dfs.core.windows.net/` */
  readonly url: string;
  readonly account: string;
  readonly fileSystem: string;
  /**
   * Creates the file system. Fails with code `EXISTS` when it exists, and with `BAD_REQUEST` for a Gen1
   * account, which is one file system.
   */
  createFileSystem(options?: LakeCallOptions): Promise<void>;
  /**
   * Deletes the file system with all that lies in it. For some half a minute `createFileSystem` then
   * fails with `CONFLICT`. Fails with `BAD_REQUEST` for a Gen1 account.
   */
  deleteFileSystem(options?: LakeCallOptions): Promise<void>;
  /**
   * Files and directories that match a glob (`sales/**\/*.parquet`), in path order. A pattern
   * without a wildcard lists what lies directly in that directory; none lists the root.
   */
  list(pattern?: string, options?: GlobOptions): Listing<LakeEntry>;
  /** One file or directory. @throws LakeError `NOT_FOUND` */
  stat(path: string, options?: LakeCallOptions): Promise<LakeEntry>;
  /** Whether a path exists; for the root (`""`), whether the file system does. */
  exists(path: string, options?: LakeCallOptions): Promise<boolean>;
  /** The bytes of a file, or of a part of it. */
  read(path: string, options?: ReadBytesOptions): Promise<Uint8Array>;
  /** A whole file as UTF-8 text. */
  readText(path: string, options?: LakeCallOptions): Promise<string>;
  /** The bytes of a file, or of a part of it, as they arrive. */
  stream(path: string, options?: ReadOptions): Readable;
  /**
   * Copies a file of the lake, or a directory with all that lies in it, to this machine. A file appears
   * under its name only once all bytes are there. After an interruption the same call resumes, in
   * another process too.
   *
   * @returns the file or directory that was downloaded
   */
  download(path: string, localPath: string, options?: DownloadOptions): Promise<LakeEntry>;
  /** Writes a whole file; it appears under its name only once all bytes are there. */
  write(path: string, content: LakeContent, options?: WriteOptions): Promise<LakeEntry>;
  /** Appends to a file, or creates it. Fails with `CONFLICT` when it was changed meanwhile. */
  append(path: string, content: string | Uint8Array, options?: LakeCallOptions): Promise<LakeEntry>;
  /**
   * Copies a local file, or a folder with all that lies in it, into the lake. A file appears under its
   * name only once all bytes are there. After an interruption the same call resumes, in another process
   * too, unless the local file has changed: then it starts anew. Until then the bytes are in a hidden
   * file, `.NAME.….part`, which `list("FOLDER/.*.part")` shows.
   *
   * @returns the file or directory as it is in the lake now
   */
  upload(localPath: string, path: string, options?: TransferOptions): Promise<LakeEntry>;
  /**
   * Brings a directory of the lake to the state of a folder of this machine: what is new, of another
   * size or changed later is uploaded, and with `delete` what the folder does not have is deleted. Names
   * that the lake cannot have are refused before anything is sent. After a sync that broke off, the
   * same call does what is left. Clocks count: where that of this machine is behind, compare by MD5.
   *
   * @throws LakeError `BAD_PATH`, `CONFLICT` where one side has a file and the other a directory
   * @example
   * await lake.syncUp("data", "sales", { dryRun: true });   // what would be done
   * await lake.syncUp("data", "sales", { delete: true });
   */
  syncUp(localPath: string, path: string, options?: SyncOptions): Promise<SyncResult>;
  /**
   * Brings a folder of this machine to the state of a directory of the lake, as `syncUp` does the other
   * way. Files get the time that they have in the lake. Links in the folder are not followed, and names
   * that this machine cannot have are refused before anything is fetched.
   *
   * @example
   * await lake.syncDown("sales", "data", { dryRun: true });
   */
  syncDown(path: string, localPath: string, options?: SyncOptions): Promise<SyncResult>;
  /**
   * Copies a file, or a directory with all that lies in it, to another path of this lake. Content
   * type and metadata are copied too. Gen2 copies within the service, unless it refuses to.
   */
  copy(from: string, to: string, options?: TransferOptions): Promise<LakeEntry>;
  /**
   * Joins files into one, in the order given, and removes them. `to` appears only once all bytes are
   * there. Gen1 joins them in the service; for Gen2 the bytes pass through this machine, and the parts
   * are removed at the end.
   */
  concat(parts: readonly string[], to: string, options?: WriteOptions): Promise<LakeEntry>;
  /** Gives a file or directory another path, in one step. */
  move(from: string, to: string, options?: WriteOptions): Promise<LakeEntry>;
  /** Removes a file, or a directory: with `recursive`, all that is in it. */
  remove(path: string, options?: RemoveOptions): Promise<void>;
  /**
   * Sets when the service deletes a file, `undefined` for never. Gen2 rounds up to whole seconds. Fails
   * with code `CONFLICT` for a directory.
   */
  setExpiry(path: string, at: Date | undefined, options?: LakeCallOptions): Promise<LakeEntry>;
  /** Creates a directory and those above it; one that exists is left as it is. */
  mkdir(path: string, options?: LakeCallOptions): Promise<LakeEntry>;
  /** Who may do what with a file or directory. */
  access(path: string, options?: LakeCallOptions): Promise<LakeAccess>;
  /** Replaces the access control list, or changes it for all below a directory. */
  setAcl(path: string, acl: readonly string[], options?: SetAclOptions): Promise<AclChanges>;
  /** How much lies in a directory. */
  du(path?: string, options?: LakeCallOptions): Promise<LakeUsage>;
  /** A directory and all that lies in it, drawn as text. */
  tree(path?: string, options?: LakeCallOptions & { depth?: number }): Promise<string>;
}
