import { mayRemove, pathOf, refusePermission } from "../access/demand.ts";
import type { PathOperation } from "../access/operation.ts";
import { lacksEntry } from "../access/permissions.ts";
import type { Node } from "../storage/node.ts";

const PAGE = 1_000;

/**
 * Removes what lies in a directory, and checks the access list of each directory in it, as the
 * service does for callers without a role; hence the pages.
 *
 * @returns whether anything is left after `limit` paths
 */
export function removeByAcl(operation: PathOperation, top: Node, limit: number): boolean {
  const { store, caller } = operation;
  let removed = 0;
  const empty = (directory: Node, path: string): boolean => {
    // Needs `rwx` on every directory: its entries are listed and removed.
    const denied = lacksEntry(directory, caller, 7, path);
    if (denied) throw refusePermission(denied);
    for (;;) {
      const children = store.tree.children(directory.id, "", PAGE);
      for (const child of children) {
        const below = `${path}/${child.name}`;
        if (!mayRemove(caller.id, directory, child)) {
          const why = "its directory has the sticky bit: only the owner of either may";
          throw refusePermission({ by: "owner", path: below, owner: child.owner, why });
        }
        if (child.directory && !empty(child, below)) return false;
        if (removed === limit) return false;
        store.detach(child);
        removed++;
      }
      if (children.length < PAGE) return true;
    }
  };
  return !empty(top, pathOf(operation.call));
}
