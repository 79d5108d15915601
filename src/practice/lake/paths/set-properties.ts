import { demand } from "../access/demand.ts";
import { existing, existingFile, type PathOperation } from "../access/operation.ts";
import { demandOnline } from "../operations/demand-state.ts";
import type { Node, NodeChange } from "../storage/node.ts";
import { replaceContent } from "../storage/stored-headers.ts";
import { answer, ENCRYPTED } from "../wire/answer.ts";
import { checkConditions } from "../wire/conditions.ts";
import { checkLease } from "../wire/leases.ts";
import { contentHeadersOf, expiryOf, metadataOf, versionHeaders } from "../wire/properties.ts";
import { refuse } from "../wire/refusals.ts";

/** PATCH ?action=setProperties: replaces metadata, and content headers that are given. */
export function setProperties(operation: PathOperation): void {
  const { call } = operation;
  change(operation, (node) => {
    const headers = contentHeadersOf(call, "x-ms-");
    const kept = headers === null ? node.headers : replaceContent(node, headers);
    return { headers: kept, metadata: metadataOf(call) };
  });
}

/** PUT ?comp=metadata */
export function setMetadata(operation: PathOperation): void {
  change(operation, () => ({ metadata: metadataOf(operation.call) }), ENCRYPTED);
}

/** PUT ?comp=properties: content headers that are not given are cleared. */
export function setContentHeaders(operation: PathOperation): void {
  const { call, store } = operation;
  change(operation, (node) => {
    store.copies.forget(node.id);
    // A cleared type differs from one that was never set.
    const headers = contentHeadersOf(call, "x-ms-blob-", { "content-type": "" });
    return { headers: replaceContent(node, headers) };
  });
}

/** Changes a path if conditions and lease allow it, and answers with its new version. */
function change(
  operation: PathOperation,
  changeOf: (node: Node) => NodeChange,
  headers: Readonly<Record<string, string>> = {},
): void {
  const { call, store } = operation;
  demand(operation, "write");
  const node = existing(operation);
  checkConditions(call, node);
  checkLease(call, node.lease, "write");
  demandOnline(node);
  const version = store.tree.touch(node.id, changeOf(node));
  answer(call, 200, { ...versionHeaders(version), ...headers });
}

/** PUT ?comp=expiry */
export function setExpiry(operation: PathOperation): void {
  const { call, store } = operation;
  demand(operation, "write");
  if (existing(operation).directory) throw refuse("ExpiryNotSupportedForDirectory");
  const file = existingFile(operation);
  demandOnline(file);
  checkLease(call, file.lease, "write");
  const expires = expiryOf(call, file.created);
  const version = store.tree.touch(file.id, { expires });
  store.expectExpiry(expires);
  answer(call, 200, versionHeaders(version));
}
