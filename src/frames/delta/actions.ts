import { FrameError } from "../../core/errors.ts";

/** A data file of a table version; names as in the Delta transaction log protocol. */
export interface AddedFile {
  /** Relative to the table's folder, percent-encoded. */
  readonly path: string;
  readonly partitionValues: Readonly<Record<string, string | null>>;
  readonly deletionVector?: unknown;
}

interface Protocol {
  readonly minReaderVersion: number;
  readonly readerFeatures?: readonly string[] | null;
}

interface MetaData {
  readonly schemaString: string;
  readonly partitionColumns: readonly string[];
  readonly configuration?: Readonly<Record<string, string>> | null;
}

/** One line of a commit, or one row of a checkpoint. */
export interface Action {
  readonly add?: AddedFile | null;
  readonly remove?: { readonly path: string } | null;
  readonly protocol?: Protocol | null;
  readonly metaData?: MetaData | null;
}

/** A table as it stands after some actions. */
export interface TableState {
  readonly files: Map<string, AddedFile>;
  protocol?: Protocol;
  metaData?: MetaData;
}

/** Applies actions in order. */
export function apply(state: TableState, actions: Iterable<Action>): void {
  for (const { add, remove, protocol, metaData } of actions) {
    if (protocol) state.protocol = protocol;
    if (metaData) state.metaData = metaData;
    if (remove) state.files.delete(remove.path);
    if (add) state.files.set(add.path, add);
  }
}

// Features that change nothing for whoever reads files that are not marked otherwise.
const HARMLESS = new Set([
  "timestampNtz",
  "vacuumProtocolCheck",
  "deletionVectors",
  "v2Checkpoint",
]);

/**
 * @throws FrameError `UNSUPPORTED` for a table whose files alone do not tell its rows
 */
export function refuseUnsupported(place: string, state: TableState): void {
  const { protocol, metaData, files } = state;
  const features = (protocol?.readerFeatures ?? []).filter((name) => !HARMLESS.has(name));
  const mapping = metaData?.configuration?.["delta.columnMapping.mode"] ?? "none";
  const reasons = [
    mapping === "none" ? "" : `maps its columns by ${mapping}`,
    [...files.values()].some((file) => file.deletionVector) ? "has deletion vectors" : "",
    (protocol?.minReaderVersion ?? 1) > 3
      ? `needs reader version ${protocol?.minReaderVersion}`
      : "",
    ...features.filter((name) => name !== "columnMapping").map((name) => `uses ${name}`),
  ].filter(Boolean);
  if (reasons.length === 0) return;
  throw new FrameError("UNSUPPORTED", `the Delta table ${place} ${reasons.join(", ")}`, {
    hint: "Its files would give wrong rows, so they are not read. Rewrite it without that feature (for deletion vectors: REORG TABLE … APPLY (PURGE)), or read it with Spark.",
  });
}
