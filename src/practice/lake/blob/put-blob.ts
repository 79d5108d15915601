import { demand } from "../access/demand.ts";
import { locate, type PathOperation } from "../access/operation.ts";
import { demandOnline, demandType } from "../operations/demand-state.ts";
import { putPath } from "../operations/put-path.ts";
import type { BlockStart, Segment } from "../storage/bytes.ts";
import type { Node } from "../storage/node.ts";
import {
  type BlobState,
  type BlobType,
  type ContentHeaders,
  writeHeaders,
} from "../storage/stored-headers.ts";
import { answer, ENCRYPTED } from "../wire/answer.ts";
import { bodyOf } from "../wire/body.ts";
import { checksumsOf, md5In } from "../wire/checksums.ts";
import { checkConditions } from "../wire/conditions.ts";
import { type Call, header } from "../wire/lake-call.ts";
import { checkLease } from "../wire/leases.ts";
import { contentHeadersOf, expiryOf, metadataOf, versionHeaders } from "../wire/properties.ts";
import { type RefusalCode, refuse } from "../wire/refusals.ts";
import { tierOf } from "./access-tiers.ts";

/** PUT with `x-ms-blob-type: BlockBlob`: a whole blob in one request. */
export async function putBlockBlob(operation: PathOperation): Promise<void> {
  const { call, store } = operation;
  checkWrite(operation, { type: "BlockBlob" });
  if (isFolderMarker(operation)) {
    const made = await store.replace(() =>
      putPath(operation, true, { metadata: metadataOf(call) }),
    );
    answer(call, 201, { ...versionHeaders(made), ...ENCRYPTED });
    return;
  }
  await receiveBody(operation, async (part, digest, checked) => {
    const given = md5In(call, "x-ms-blob-content-md5");
    if (given !== undefined && given !== digest) throw refuse("Md5Mismatch");
    const type = header(call, "content-type");
    const headers = { ...(type !== undefined && { "content-type": type }), "content-md5": digest };
    const made = await commit(operation, [part], { headers });
    answer(call, 201, { ...versionHeaders(made), ...checked });
  });
}

/**
 * Stores a request's body, compares it with its checksums, and keeps it until `keep` has made it
 * content of a blob.
 *
 * @param keep gets the segment, its MD5 in base64, and headers for the answer
 * @param most bytes that it may have
 */
export async function receiveBody(
  { call, store }: PathOperation,
  keep: (
    part: Segment,
    digest: string,
    headers: Readonly<Record<string, string | undefined>>,
  ) => Promise<void>,
  most = Number.POSITIVE_INFINITY,
): Promise<void> {
  const checksums = checksumsOf(call, true);
  const body = checksums.watch(bodyOf(call));
  const { file, offset, length, digest, release } = await store.bytes.files.store(body);
  try {
    if (length > most) throw refuse("RequestBodyTooLarge");
    checksums.check(digest);
    const headers = { ...checksums.headers, "Content-MD5": digest, ...ENCRYPTED };
    await keep({ start: 0, length, file, offset }, digest, headers);
  } finally {
    await release();
  }
}

/** An empty blob with the metadata `hdi_isfolder`, by which some clients create directories. */
function isFolderMarker({ call }: PathOperation): boolean {
  return (
    header(call, "x-ms-meta-hdi_isfolder") === "true" && header(call, "content-length") === "0"
  );
}

/**
 * Checks before the body is read whether the caller may write the blob.
 *
 * @param type required type of an existing blob
 * @param unmet refusal of a condition that does not hold
 */
export function checkWrite(
  operation: PathOperation,
  { type, unmet }: { readonly type?: BlobType; readonly unmet?: RefusalCode },
): void {
  const { call, node, store } = operation;
  const isMarked = isSlashed(call) && !isFolderMarker(operation);
  if (call.names.length === 0 || isMarked) throw refuse("InvalidUri");
  demand(operation, node ? "overwrite" : "create");
  checkConditions(call, node, unmet);
  if (!node) return;
  checkLease(call, node.lease, "write");
  if (store.copies.pending(node.id)) throw refuse("PendingCopyOperation");
  demandOnline(node);
  if (type) demandType(node, type);
}

/** Whether a name ends in a slash, which no blob has in a hierarchical namespace. */
function isSlashed({ dialect, rawPath }: Call): boolean {
  return dialect === "blob" && /(?:\/|%2f)$/i.test(rawPath);
}

/** Properties of a new blob. */
interface Given {
  /** Default: a block blob. */
  readonly type?: BlobType;
  /** Content headers, unless the request has its own. */
  readonly headers?: ContentHeaders;
  readonly blocks?: readonly BlockStart[];
}

/** Replaces the content of the blob by segments, in one transaction. */
export async function commit(
  operation: PathOperation,
  segments: readonly Segment[],
  { type = "BlockBlob", headers = {}, blocks = [] }: Given,
): Promise<Node> {
  const { call, store } = operation;
  // Checked again, as another writer may have been faster.
  const current = locate(operation);
  checkWrite(current, { type });
  const own = JSON.parse(contentHeadersOf(call, "x-ms-blob-") ?? "{}") as ContentHeaders;
  const state: BlobState = {
    madeBy: "blob",
    ...(type === "AppendBlob" ? { type } : { tier: tierOf(call) }),
  };
  const last = segments.at(-1);
  const expires = header(call, "x-ms-expiry-option") ? expiryOf(call, Date.now()) : null;
  store.expectExpiry(expires);
  return store.replace(
    () =>
      putPath(current, false, {
        headers: writeHeaders({ ...headers, ...own }, state),
        metadata: metadataOf(call),
        size: last ? last.start + last.length : 0,
        expires,
      }),
    segments,
    blocks,
  );
}
