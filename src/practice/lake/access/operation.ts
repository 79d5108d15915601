import type { LakeFault } from "../../faults/lake-faults.ts";
import { refuseOnOneLake } from "../onelake/onelake-refusals.ts";
import type { FileSystem } from "../storage/file-systems.ts";
import type { Store } from "../storage/lake-store.ts";
import type { Node } from "../storage/node.ts";
import { snapshotsBelow } from "../storage/tree.ts";
import { type Call, checkFileSystemName } from "../wire/lake-call.ts";
import { refuse } from "../wire/refusals.ts";
import type { Caller } from "./request-caller.ts";

/** A call on an account, with its caller and the account's store. */
export interface Operation {
  readonly call: Call;
  readonly caller: Caller;
  readonly store: Store;
  /** Faults to inject into this request. */
  readonly faults: readonly LakeFault[];
  /** What to show for an object id: the person's name when `upn` asks for names. */
  readonly nameOf: (id: string) => string;
  /** The store of another account, for a copy from there; undefined when there is none. */
  storeOf(account: string, isOneLake: boolean): Store | undefined;
  /** Answers a request of a batch, refusals included. */
  answerCall(call: Call): Promise<void>;
  /** The caller who reads the source of a copy, by the SAS in its URL or an authorization. */
  identify(call: Call, authorization: string | undefined): Promise<Caller>;
}

/** A call on a path, once its file system is known to exist. */
export interface PathOperation extends Operation {
  readonly fileSystem: FileSystem;
  /** Nodes from the root to the path's end, or as far as the path exists. */
  readonly nodes: readonly Node[];
  /** What is at the path's end; undefined when nothing is. */
  readonly node: Node | undefined;
}

export function fileSystemOf({ call, store }: Operation): FileSystem {
  const fileSystem = store.fileSystems.get(call.fileSystem);
  if (fileSystem) return fileSystem;
  if (call.oneLake) throw refuseOnOneLake("WorkspaceNotFound");
  // An impossible name is refused as such.
  checkFileSystemName(call.fileSystem);
  throw refuse("FilesystemNotFound");
}

export function locate(operation: Operation): PathOperation {
  const fileSystem = fileSystemOf(operation);
  const { names } = operation.call;
  const nodes = operation.store.tree.resolve(fileSystem.root, names);
  const isWhole = nodes.length === names.length + 1;
  const node = isWhole ? nodes.at(-1) : undefined;
  const time = operation.call.query.get("snapshot");
  if (!time || !node) return { ...operation, fileSystem, nodes, node };
  const snapshot = operation.store.tree.child(snapshotsBelow(node.id), time);
  const above = nodes.slice(0, -1);
  return { ...operation, fileSystem, nodes: [...above, snapshot ?? node], node: snapshot };
}

/** What is at the path's end; refuses when nothing is. */
export function existing({ node }: PathOperation): Node {
  if (!node) throw refuse("PathNotFound");
  return node;
}

/** The file at the path's end, when no copy is being made of it. */
export function existingFile(operation: PathOperation): Node {
  const node = existing(operation);
  if (node.directory) throw refuse("PathConflict");
  if (operation.store.copies.pending(node.id)) throw refuse("PendingCopyOperation");
  return node;
}
