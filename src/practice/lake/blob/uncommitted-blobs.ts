import type { PathOperation } from "../access/operation.ts";
import type { Store } from "../storage/lake-store.ts";
import type { Node } from "../storage/node.ts";
import type { Listed } from "./blob-elements.ts";

interface Asked {
  readonly prefix: string;
  /** Whether to list only one level, with directories in place of their contents. */
  readonly isOneLevel: boolean;
  /** Path after which the listing continues, or with which it begins; empty for all. */
  readonly from: string;
  readonly isInclusive: boolean;
}

/**
 * Blobs that have only uncommitted blocks, in path order; with one level, the directories that
 * these blobs would create.
 */
export function uncommittedBlobs(operation: PathOperation, asked: Asked): Listed[] {
  const { store, fileSystem, caller } = operation;
  const { prefix, isOneLevel, from, isInclusive } = asked;
  const entries = new Map<string, Listed>();
  for (const { path, since, etag } of store.blocks.blobsIn(fileSystem.root)) {
    if (!path.startsWith(prefix)) continue;
    const slash = isOneLevel ? path.indexOf("/", prefix.length) : -1;
    const shown = slash < 0 ? path : path.slice(0, slash);
    const isBehind = from === "" || comesBefore(from, shown) || (isInclusive && shown === from);
    if (!isBehind || entries.has(shown) || isThere(store, fileSystem.root, shown)) continue;
    const times = { etag, created: since, modified: since };
    const node = { ...EMPTY, ...times, owner: caller.id, directory: slash < 0 ? 0 : 1 };
    entries.set(shown, { node, path: shown, snapshot: "" });
  }
  return [...entries.values()].sort((one, other) => (comesBefore(one.path, other.path) ? -1 : 1));
}

const EMPTY: Omit<Node, "etag" | "created" | "modified" | "owner" | "directory"> = {
  id: -2,
  parent: -2,
  name: "",
  size: 0,
  group: "$superuser",
  mode: 0o640,
  acl: null,
  headers: null,
  metadata: null,
  lease: null,
  expires: null,
};

function isThere({ tree }: Store, root: number, path: string): boolean {
  const names = path.split("/");
  return tree.resolve(root, names).length === names.length + 1;
}

/** Merges two listings, in path order. */
export function* merged(listed: Iterable<Listed>, others: readonly Listed[]): Generator<Listed> {
  if (others.length === 0) {
    yield* listed;
    return;
  }
  let at = 0;
  for (const one of listed) {
    for (let other = others[at]; other && comesBefore(other.path, one.path); other = others[at]) {
      yield other;
      at++;
    }
    yield one;
  }
  yield* others.slice(at);
}

/** Order of paths in a listing: a directory comes before what lies in it. */
export function comesBefore(path: string, other: string): boolean {
  const names = path.split("/");
  const others = other.split("/");
  for (const [index, name] of names.entries()) {
    const against = others[index];
    if (against === undefined) return false;
    if (name !== against) return Buffer.compare(Buffer.from(name), Buffer.from(against)) < 0;
  }
  return names.length < others.length;
}
