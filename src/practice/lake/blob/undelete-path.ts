import { demand } from "../access/demand.ts";
import type { PathOperation } from "../access/operation.ts";
import { makeParents } from "../operations/put-path.ts";
import { answer } from "../wire/answer.ts";
import { header, place } from "../wire/lake-call.ts";
import { refuse, refuseHeader } from "../wire/refusals.ts";

/** PUT ?comp=undelete: brings back a path that soft delete kept, to where it was. */
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
