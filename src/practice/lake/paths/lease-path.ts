import { demand } from "../access/demand.ts";
import { existing, type PathOperation } from "../access/operation.ts";
import type { Node } from "../storage/node.ts";
import { answer } from "../wire/answer.ts";
import { checkConditions } from "../wire/conditions.ts";
import { changeLease, leaseRequestOf } from "../wire/leases.ts";
import { versionHeaders } from "../wire/properties.ts";

/** PUT ?comp=lease of the Blob endpoint, POST of the Data Lake endpoint. */
export function leasePath(operation: PathOperation): void {
  const { call, store } = operation;
  demand(operation, "lease");
  const node = existing(operation);
  checkConditions(call, node);
  const { lease, status, headers } = changeLease(leaseRequestOf(call), node.lease);
  store.tree.change(node.id, { lease });
  answer(call, status, { ...versionHeaders(node), ...headers });
}

/** Changes the lease of a file as part of another operation. */
export function runLeaseAction({ call, store }: PathOperation, file: Node, action: string): void {
  const asked = leaseRequestOf(call);
  // After an acquire, the lease has the proposed id.
  const id = asked.id ?? asked.proposedId;
  const lease = store.tree.byId(file.id)?.lease ?? null;
  store.tree.change(file.id, { lease: changeLease({ ...asked, id, action }, lease).lease });
}
