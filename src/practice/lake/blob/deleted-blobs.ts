import type { Store } from "../storage/lake-store.ts";
import type { Deleted } from "../storage/soft-delete.ts";
import { snapshotsOf } from "../storage/tree.ts";
import type { Listed } from "./blob-elements.ts";
import { comesBefore } from "./uncommitted-blobs.ts";

/** Where a listing goes on: behind a deleted path, or behind one that is there. */
interface Position {
  readonly path: string;
  /** Deletion id and time of snapshot, as `placeOf` writes them; empty behind what is there. */
  readonly place: string;
}

const MARK = "deleted ";

/**
 * What soft delete keeps of a file system, in path order and each before what was deleted of the
 * same name later; with snapshots, those of a deleted blob come before it.
 */
export function deletedBlobs(
  store: Store,
  root: number,
  asked: {
    readonly prefix: string;
    /** Whether only what lies directly below the prefix is meant. */
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

/** Tells a deleted blob from others of its path, in the order in which they are listed. */
export function placeOf({ deleted, snapshot }: Listed): string {
  // A tilde comes behind every time: the blob itself is the last.
  return deleted ? `${MARK}${deleted.id} ${snapshot || "~"}` : "";
}

/** Where a listing goes on of what is there, and of what is deleted. */
export function placesIn(token: string): { readonly snapshot: string; readonly place: string } {
  return token.startsWith(MARK) ? { snapshot: "", place: token } : { snapshot: token, place: "" };
}
