import { demand } from "../access/demand.ts";
import { putNode } from "../paths/making.ts";
import type { BlockStart, Segment } from "../storage/bytes.ts";
import type { Node } from "../storage/node.ts";
import { answer, ENCRYPTED } from "../wire/answer.ts";
import { header } from "../wire/call.ts";
import { checkConditions } from "../wire/conditions.ts";
import { expiryOf } from "../wire/expiry.ts";
import { checkLease } from "../wire/leases.ts";
import { locate, type PathOperation } from "../wire/operation.ts";
import {
  type ContentHeaders,
  contentHeadersOf,
  metadataOf,
  tierOf,
  versionHeaders,
  withTier,
} from "../wire/properties.ts";
import { type RefusalCode, refuse, refuseHeader } from "../wire/refusals.ts";

/** PUT with `x-ms-blob-type: BlockBlob`: a whole blob in one request. */
export async function putBlob(operation: PathOperation): Promise<void> {
  const { call, store } = operation;
  if (header(call, "x-ms-blob-type") !== "BlockBlob") throw refuseHeader("x-ms-blob-type");
  checkWrite(operation);
  if (isFolderMarker(operation)) {
    const made = await store.replace(() =>
      putNode(operation, true, { metadata: metadataOf(call) }),
    );
    answer(call, 201, { ...versionHeaders(made), ...ENCRYPTED });
    return;
  }
  const { file, offset, length, digest, release } = await store.bytes.files.store(call.request);
  try {
    checkMd5(operation, digest);
    const type = header(call, "content-type");
    const headers = { ...(type !== undefined && { "content-type": type }), "content-md5": digest };
    const made = await commit(operation, [{ start: 0, length, file, offset }], { headers });
    answer(call, 201, { ...versionHeaders(made), "Content-MD5": digest, ...ENCRYPTED });
  } finally {
    await release();
  }
}

/** An empty blob that says it is a folder, which is how some clients make directories. */
function isFolderMarker({ call }: PathOperation): boolean {
  return (
    header(call, "x-ms-meta-hdi_isfolder") === "true" && header(call, "content-length") === "0"
  );
}

/** Refuses a body that is not the one that was meant. */
export function checkMd5({ call }: PathOperation, digest: string): void {
  const given = header(call, "content-md5");
  if (given !== undefined && given !== digest) throw refuse("Md5Mismatch");
}

/**
 * Checks whether the caller may write the blob, before its bytes are taken in.
 *
 * @param unmet what a condition that does not hold is refused with
 */
export function checkWrite(operation: PathOperation, unmet?: RefusalCode): void {
  const { call, node, store } = operation;
  if (call.names.length === 0) throw refuse("InvalidUri");
  demand(operation, node ? "overwrite" : "create");
  checkConditions(call, node, unmet);
  if (!node) return;
  checkLease(call, node.lease, "write");
  if (store.copies.pending(node.id)) throw refuse("PendingCopyOperation");
}

/** What a blob is given beside its bytes. */
interface Given {
  /** Content headers, unless the request has its own. */
  readonly headers?: ContentHeaders;
  readonly blocks?: readonly BlockStart[];
}

/** Makes segments the content of the blob at the operation's path, all at once. */
export async function commit(
  operation: PathOperation,
  segments: readonly Segment[],
  { headers = {}, blocks = [] }: Given,
): Promise<Node> {
  const { call, store } = operation;
  // Once more, and this time nothing comes in between: another writer may have been faster.
  const current = locate(operation);
  checkWrite(current);
  const own = JSON.parse(contentHeadersOf(call, "x-ms-blob-") ?? "{}") as ContentHeaders;
  const last = segments.at(-1);
  const expires = header(call, "x-ms-expiry-option") ? expiryOf(call, Date.now()) : null;
  store.expectExpiry(expires);
  return store.replace(
    () =>
      putNode(current, false, {
        headers: withTier({ headers: JSON.stringify({ ...headers, ...own }) }, tierOf(call)),
        metadata: metadataOf(call),
        size: last ? last.start + last.length : 0,
        expires,
      }),
    segments,
    blocks,
  );
}
