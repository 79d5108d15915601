import { demand, isGranted } from "../access/demand.ts";
import { existing, type PathOperation } from "../access/operation.ts";
import { makeParents } from "../operations/put-path.ts";
import { removeByAcl } from "../operations/remove-by-acl.ts";
import type { Node } from "../storage/node.ts";
import { snapshotsOf } from "../storage/tree.ts";
import { answer } from "../wire/answer.ts";
import { checkConditions } from "../wire/conditions.ts";
import { flag, header, place } from "../wire/lake-call.ts";
import { checkLease } from "../wire/leases.ts";
import { refuse, refuseHeader } from "../wire/refusals.ts";

const PAGE = 1_000;

export function removePath(operation: PathOperation): void {
  const { call, store } = operation;
  demand(operation, "remove");
  const node = existing(operation);
  checkConditions(call, node);
  checkLease(call, node.lease, "write");
  if (call.names.length === 0) throw refuse("InvalidUri");
  if (call.dialect === "blob" && removeSnapshots(operation, node)) {
    answer(call, 202, { "x-ms-delete-type-permanent": "true" });
    return;
  }
  const isRecursive = call.dialect === "dfs" && flag(call, "recursive");
  const isEmpty = !node.directory || store.tree.children(node.id, "", 1).length === 0;
  if (!isEmpty && !isRecursive) throw refuse("DirectoryNotEmpty");
  if (!isEmpty && !isGranted(operation, "remove")) {
    const remaining = removeByAcl(operation, node, flag(call, "paginated") ? PAGE : Infinity);
    if (remaining) {
      answer(call, 200, {
        "x-ms-continuation": Buffer.from(String(node.id)).toString("base64url"),
      });
      return;
    }
  }
  const deletion = store.remove(operation.fileSystem, call.names, node);
  answer(call, call.dialect === "blob" ? 202 : 200, {
    "x-ms-delete-type-permanent": String(deletion === undefined),
    "x-ms-deletion-id": deletion,
  });
}

/**
 * Removes a snapshot, or all of a blob as `x-ms-delete-snapshots` says. The Data Lake endpoint has
 * no snapshots, and removes them with the file.
 *
 * @returns whether the request is done
 */
function removeSnapshots({ call, store }: PathOperation, node: Node): boolean {
  const choice = header(call, "x-ms-delete-snapshots")?.toLowerCase();
  if (call.query.has("snapshot")) {
    if (choice !== undefined) throw refuseHeader("x-ms-delete-snapshots");
    store.detach(node);
    return true;
  }
  if (choice !== undefined && choice !== "include" && choice !== "only") {
    throw refuseHeader("x-ms-delete-snapshots");
  }
  const [first] = node.directory ? [] : snapshotsOf(store, node);
  if (first && choice === undefined) throw refuse("SnapshotsPresent");
  if (choice !== "only") return false;
  store.tree.transact(() => {
    for (const snapshot of [...snapshotsOf(store, node)]) store.detach(snapshot);
  });
  return true;
}

/** PUT ?comp=undelete: restores a soft-deleted path. */
export function undeletePath(operation: PathOperation): void {
  const { call, store, fileSystem } = operation;
  demand(operation, "undelete");
  const [path = "", query = ""] = (header(call, "x-ms-undelete-source") ?? "").split("?", 2);
  const id = new URLSearchParams(query).get("deletionid");
  if (!id) throw refuseHeader("x-ms-undelete-source");
  // Some clients name the deleted path, others only its deletion id.
  const names = path === "" ? call.names : place(`/-/${path}`).names;
  demand({ ...operation, call: { ...call, names } }, "undelete");
  if (operation.node) throw refuse("PathAlreadyExists");
  const restored = store.tree.transact(() => {
    const deleted = store.trash.take(fileSystem.root, names.join("/"), id);
    if (!deleted) throw refuse("PathNotFound");
    const { id: parent } = makeParents(operation);
    store.tree.change(deleted.node, { parent, name: call.names.at(-1) ?? "" });
    return store.tree.byId(deleted.node);
  });
  answer(call, 200, { "x-ms-resource-type": restored?.directory ? "directory" : "file" });
}
