/** Which rows of a data file are deleted: the protocol's `DeletionVectorDescriptor`. */
export interface VectorDescriptor {
  /** `i`: in the text itself; `u`: in a file named by a UUID; `p`: in a file named by its path. */
  readonly storageType: string;
  readonly pathOrInlineDv: string;
  /** Bytes before it in its file. */
  readonly offset?: number | null;
  readonly sizeInBytes: number;
  /** Rows that it deletes. */
  readonly cardinality: number;
}

/** A data file of a table version; names as in the Delta transaction log protocol. */
export interface AddedFile {
  /** Relative to the table's folder, or a URL; percent-encoded. */
  readonly path: string;
  readonly partitionValues: Readonly<Record<string, string | null>>;
  /** Bytes. */
  readonly size?: number | null;
  /** Milliseconds since 1970. */
  readonly modificationTime?: number | null;
  /** Whether it changes the rows of the table, or only rearranges them. */
  readonly dataChange?: boolean | null;
  /** JSON. */
  readonly stats?: string | null;
  readonly deletionVector?: VectorDescriptor | null;
}

type FileKey = Pick<AddedFile, "path" | "deletionVector">;

export interface RemovedFile extends FileKey {
  /** Milliseconds since 1970. */
  readonly deletionTimestamp?: number | null;
  readonly dataChange?: boolean | null;
  readonly extendedFileMetadata?: boolean | null;
  readonly partitionValues?: Readonly<Record<string, string | null>> | null;
  readonly size?: number | null;
}

export interface Protocol {
  readonly minReaderVersion: number;
  readonly minWriterVersion?: number | null;
  readonly readerFeatures?: readonly string[] | null;
  readonly writerFeatures?: readonly string[] | null;
}

export interface MetaData {
  readonly id?: string | null;
  readonly format?: { readonly provider: string; readonly options: object } | null;
  /** JSON. */
  readonly schemaString: string;
  readonly partitionColumns: readonly string[];
  readonly configuration?: Readonly<Record<string, string>> | null;
  /** Milliseconds since 1970. */
  readonly createdTime?: number | null;
}

/** The `commitInfo` of a commit: any fields, these among them. */
export interface CommitInfo {
  readonly inCommitTimestamp?: number;
  /** Milliseconds since 1970. */
  readonly timestamp?: number;
  readonly operation?: string;
  readonly operationParameters?: unknown;
  readonly operationMetrics?: unknown;
  readonly isBlindAppend?: boolean;
  readonly engineInfo?: string;
  readonly userName?: string;
}

/** One line of a commit, or one row of a checkpoint; other fields are ignored. */
export interface Action {
  readonly add?: AddedFile | null;
  readonly remove?: RemovedFile | null;
  readonly protocol?: Protocol | null;
  readonly metaData?: MetaData | null;
  readonly sidecar?: { readonly path: string } | null;
  readonly checkpointMetadata?: { readonly version: number } | null;
  readonly commitInfo?: CommitInfo | null;
  /** The last transaction of an application. */
  readonly txn?: { readonly appId: string } | null;
  readonly domainMetadata?: { readonly domain: string; readonly removed?: boolean | null } | null;
}

/** The state of a table after some actions. */
export interface TableState {
  readonly files: Map<string, AddedFile>;
  protocol?: Protocol;
  metaData?: MetaData;
  /** Actions that only a checkpoint needs; collected where it is present. */
  readonly forCheckpoint?: CheckpointActions;
}

export interface CheckpointActions {
  readonly removed: Map<string, RemovedFile>;
  readonly txns: Map<string, NonNullable<Action["txn"]>>;
  readonly domains: Map<string, NonNullable<Action["domainMetadata"]>>;
}

/**
 * Applies the actions of a commit or a checkpoint. Within a commit they come in any order: a file
 * whose deletion vector changes is removed and added, and only the vector tells the two apart.
 */
export function applyActions(state: TableState, actions: Iterable<Action>): void {
  const { files, forCheckpoint } = state;
  for (const { add, remove, protocol, metaData, txn, domainMetadata } of actions) {
    if (protocol) state.protocol = protocol;
    if (metaData) state.metaData = metaData;
    if (remove) {
      files.delete(keyOf(remove));
      forCheckpoint?.removed.set(keyOf(remove), remove);
    }
    if (add) {
      files.set(keyOf(add), add);
      forCheckpoint?.removed.delete(keyOf(add));
    }
    if (txn) forCheckpoint?.txns.set(txn.appId, txn);
    if (domainMetadata) forCheckpoint?.domains.set(domainMetadata.domain, domainMetadata);
  }
}

/** The protocol's primary key of a logical file: path and `deletionVector.uniqueId`. */
function keyOf({ path, deletionVector: vector }: FileKey): string {
  if (!vector) return path;
  const offset = typeof vector.offset === "number" ? `@${vector.offset}` : "";
  return `${path}\n${vector.storageType}${vector.pathOrInlineDv}${offset}`;
}
