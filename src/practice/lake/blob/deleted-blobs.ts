import type { Store } from "../storage/lake-store.ts";
import type { Deleted } from "../storage/soft-delete.ts";
import { snapshotsOf } from "../storage/tree.ts";
import type { Listed } from "./blob-elements.ts";
import { comesBefore } from "./uncommitted-blobs.ts";

/** Where a listing continues: after a deleted path, or an existing one. */
interface Position {
  readonly path: string;
  /** Deletion id and time of snapshot, as `placeOf` writes them; empty for an existing path. */
  readonly place: string;
}

const MARK = "deleted ";

/**
 * Soft-deleted paths of a file system, in the order of paths and then of deletion; with snapshots,
 * those of a blob come before it.
 */
export function deletedBlobs(
  store: Store,
  root: number,
  asked: {
    readonly prefix: string;
    /** Whether to list only one level below the prefix. */
    readonly isOneLevel: boolean;
    readonly withSnapshots: boolean;
    readonly from: Position;
  },
): Listed[] {
  const { prefix, from } = asked;
  const entries: Listed[] = [];
  for (const deleted of store.trash.list(root, prefix, ["", ""], Number.MAX_SAFE_INTEGER)) {
    const { path } = deleted;
    if (asked.isOneLevel && path.includes("/", prefix.length)) continue;
    if (path !== from.path && !comesBefore(from.path, path)) continue;
    for (const listed of versionsOf(store, deleted, asked.withSnapshots)) {
      if (path !== from.path || placeOf(listed) > from.place) entries.push(listed);
    }
  }
  return entries.sort((one, other) => {
    if (one.path === other.path) return 0;
    return comesBefore(one.path, other.path) ? -1 : 1;
  });
}

function* versionsOf(store: Store, deleted: Deleted, withSnapshots: boolean): Generator<Listed> {
  const node = store.tree.byId(deleted.node);
  if (!node) return;
  const { path } = deleted;
  if (withSnapshots && !node.directory) {
    for (const one of snapshotsOf(store, node)) {
      yield { node: one, path, snapshot: one.name, deleted };
    }
  }
  yield { node, path, snapshot: "", deleted };
}

/** Sort key of a deleted blob among those of the same path. */
export function placeOf({ deleted, snapshot }: Listed): string {
  // A tilde sorts after every time: the blob itself comes last.
  return deleted ? `${MARK}${deleted.id} ${snapshot || "~"}` : "";
}

/** Where a listing continues, among existing and among deleted blobs. */
export function placesIn(token: string): { readonly snapshot: string; readonly place: string } {
  return token.startsWith(MARK) ? { snapshot: "", place: token } : { snapshot: token, place: "" };
}
