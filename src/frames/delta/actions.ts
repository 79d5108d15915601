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
  /** JSON. */
  readonly stats?: string | null;
  readonly deletionVector?: VectorDescriptor | null;
}

type RemovedFile = Pick<AddedFile, "path" | "deletionVector">;

export interface Protocol {
  readonly minReaderVersion: number;
  readonly readerFeatures?: readonly string[] | null;
}

export interface MetaData {
  /** JSON. */
  readonly schemaString: string;
  readonly partitionColumns: readonly string[];
  readonly configuration?: Readonly<Record<string, string>> | null;
}

/** One line of a commit, or one row of a checkpoint; what is not named here is ignored. */
export interface Action {
  readonly add?: AddedFile | null;
  readonly remove?: RemovedFile | null;
  readonly protocol?: Protocol | null;
  readonly metaData?: MetaData | null;
  readonly sidecar?: { readonly path: string } | null;
  readonly checkpointMetadata?: { readonly version: number } | null;
  readonly commitInfo?: { readonly inCommitTimestamp?: number } | null;
}

/** A table as it stands after some actions. */
export interface TableState {
  readonly files: Map<string, AddedFile>;
  protocol?: Protocol;
  metaData?: MetaData;
}

/**
 * Applies the actions of a commit or a checkpoint. Within a commit they come in any order: a file
 * whose deletion vector changes is removed and added, and only the vector tells the two apart.
 */
export function apply(state: TableState, actions: Iterable<Action>): void {
  for (const { add, remove, protocol, metaData } of actions) {
    if (protocol) state.protocol = protocol;
    if (metaData) state.metaData = metaData;
    if (remove) state.files.delete(keyOf(remove));
    if (add) state.files.set(keyOf(add), add);
  }
}

/** The protocol's primary key of a logical file: path and `deletionVector.uniqueId`. */
function keyOf({ path, deletionVector: vector }: RemovedFile): string {
  if (!vector) return path;
  const offset = typeof vector.offset === "number" ? `@${vector.offset}` : "";
  return `${path}\n${vector.storageType}${vector.pathOrInlineDv}${offset}`;
}
