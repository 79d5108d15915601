import { demand } from "../access/demand.ts";
import { existing, type PathOperation } from "../access/operation.ts";
import { demandOnline } from "../operations/demand-state.ts";
import type { Store } from "../storage/lake-store.ts";
import type { Node } from "../storage/node.ts";
import { snapshotsBelow } from "../storage/tree.ts";
import { answer } from "../wire/answer.ts";
import { checkConditions } from "../wire/conditions.ts";
import { checkLease } from "../wire/leases.ts";
import { metadataOf, versionHeaders } from "../wire/properties.ts";
import { refuse } from "../wire/refusals.ts";

/** PUT ?comp=snapshot: the snapshot shares the bytes of the blob. */
export function takeSnapshot(operation: PathOperation): void {
  const { call, store } = operation;
  demand(operation, "snapshot");
  const node = existing(operation);
  if (node.directory) throw refuse("OperationNotSupportedOnDirectory");
  checkConditions(call, node);
  checkLease(call, node.lease, "read");
  demandOnline(node);
  const metadata = metadataOf(call);
  const made = store.tree.transact(() => {
    const { owner, group, mode, acl, headers, size, created, etag, modified } = node;
    const snapshot = store.tree.add({
      parent: snapshotsBelow(node.id),
      name: freeTime(store, node),
      directory: 0,
      ...{ owner, group, mode, acl, headers, size },
      metadata: metadata ?? node.metadata,
    });
    // A snapshot with its own metadata has its own ETag.
    store.tree.change(snapshot.id, metadata ? { created } : { created, etag, modified });
    for (const segment of store.bytes.segments(node.id)) store.bytes.put(snapshot.id, segment);
    store.bytes.putBlocks(snapshot.id, store.bytes.blockStarts(node.id));
    return store.tree.byId(snapshot.id) ?? snapshot;
  });
  answer(call, 201, { ...versionHeaders(made), "x-ms-snapshot": made.name });
}

/** The current time in 100 ns, or the next one that no snapshot of the file has. */
function freeTime(store: Store, node: Node): string {
  const now = new Date().toISOString().slice(0, -1);
  for (let count = 0; ; count++) {
    const time = `${now}${String(count).padStart(4, "0")}Z`;
    if (!store.tree.child(snapshotsBelow(node.id), time)) return time;
  }
}
