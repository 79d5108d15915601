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
}

/** Options of every call that waits on the lake. */
export interface LakeCallOptions {
  signal?: AbortSignal;
}

export interface ReadOptions extends LakeCallOptions {
  /** First byte to read, from 0. */
  offset?: number;
  /** Bytes to read; to the end when absent. */
  length?: number;
}

export interface WriteOptions extends LakeCallOptions {
  /** Replace an existing file; without it, writing over one is refused with code `EXISTS`. */
  overwrite?: boolean;
}

/**
 * One file system of a storage account. A path is relative to the root of the file system; a full
 * `abfss://` or `https://` URL inside this file system is accepted wherever a path is.
 *
 * Every method throws a LakeError: `NOT_FOUND`, `FORBIDDEN`, `UNAUTHENTICATED`, `EXISTS`,
 * `BAD_PATH`, `UNREACHABLE` and so on.
 */
export interface Lake {
  /** `abfss://FILESYSTEM@ACCOUNT.dfs.core.windows.net/` */
  readonly url: string;
  readonly account: string;
  readonly fileSystem: string;
  /**
   * Files and directories that match a glob (`sales/**\/*.parquet`), in path order. A pattern
   * without a wildcard lists what lies directly in that directory; none lists the root.
   */
  list(pattern?: string, options?: LakeCallOptions): AsyncIterable<LakeEntry>;
  stat(path: string, options?: LakeCallOptions): Promise<LakeEntry>;
  exists(path: string, options?: LakeCallOptions): Promise<boolean>;
  /** The bytes of a file, or of a part of it. */
  read(path: string, options?: ReadOptions): Promise<Uint8Array>;
  /** A whole file as UTF-8 text. */
  readText(path: string, options?: LakeCallOptions): Promise<string>;
  /** Copies a file of the lake to a local file, replacing it only once all bytes are there. */
  download(path: string, localFile: string, options?: LakeCallOptions): Promise<LakeEntry>;
  /** Writes a whole file; nothing is seen under its name until all of it is there. */
  write(path: string, content: string | Uint8Array, options?: WriteOptions): Promise<LakeEntry>;
}
