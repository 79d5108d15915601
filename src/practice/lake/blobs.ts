import { demand } from "./access.ts";
import { answer } from "./answer.ts";
import type { Segment } from "./bytes.ts";
import { header } from "./call.ts";
import { checkConditions } from "./conditions.ts";
import { expiryOf } from "./expiry.ts";
import { checkLease } from "./leases.ts";
import { putNode } from "./making.ts";
import { copySourceOf } from "./moving.ts";
import type { Node } from "./node.ts";
import { existing, locate, type PathOperation } from "./operation.ts";
import { contentHeadersOf, metadataOf, versionHeaders } from "./properties.ts";
import { refuse, refuseHeader } from "./refusals.ts";

export const ENCRYPTED = { "x-ms-request-server-encrypted": "true" };

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
  const received = await store.bytes.store(call.request);
  const { file, length, digest } = received;
  try {
    checkMd5(operation, digest);
    const made = await commit(operation, [{ start: 0, length, file, offset: 0 }], digest);
    answer(call, 201, { ...versionHeaders(made), "Content-MD5": digest, ...ENCRYPTED });
  } finally {
    await store.bytes.drop([file]);
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

/** Checks whether the caller may write the blob, before its bytes are taken in. */
export function checkWrite(operation: PathOperation): void {
  const { call, node } = operation;
  if (call.names.length === 0) throw refuse("InvalidUri");
  demand(operation, node ? "overwrite" : "create");
  checkConditions(call, node);
  if (node) checkLease(call, node.lease, "write");
}

/** Makes segments the content of the blob at the operation's path, all at once. */
export async function commit(
  operation: PathOperation,
  segments: readonly Segment[],
  md5?: string,
  blocks: readonly { readonly id: string; readonly start: number }[] = [],
): Promise<Node> {
  const { call, store } = operation;
  // Once more, and this time nothing comes in between: another writer may have been faster.
  const current = locate(operation);
  checkWrite(current);
  const given = JSON.parse(contentHeadersOf(call, "x-ms-blob-") ?? "{}") as Record<string, string>;
  const type = header(call, "content-type");
  const headers = {
    ...(type === undefined || blocks.length > 0 ? {} : { "content-type": type }),
    ...(md5 === undefined ? {} : { "content-md5": md5 }),
    ...given,
  };
  const last = segments.at(-1);
  const expires = header(call, "x-ms-expiry-option") ? expiryOf(call, Date.now()) : null;
  store.expectExpiry(expires);
  return store.replace(
    () =>
      putNode(current, false, {
        headers: JSON.stringify(headers),
        metadata: metadataOf(call),
        size: last ? last.start + last.length : 0,
        expires,
      }),
    segments,
    blocks,
  );
}

/** PUT with `x-ms-copy-source`: the copy shares its bytes with the source, so it is there at once. */
export async function copyBlob(operation: PathOperation): Promise<void> {
  const { call, store } = operation;
  checkWrite(operation);
  const from = locate(await copySourceOf(operation, header(call, "x-ms-copy-source") ?? ""));
  demand(from, "read");
  const source = existing(from);
  if (source.directory) throw refuse("InvalidSourceUri");
  checkConditions(call, source, "x-ms-source-");
  const metadata = metadataOf(call) ?? source.metadata;
  const current = locate(operation);
  checkWrite(current);
  const { headers, size } = source;
  const made = await store.replace(
    () => putNode(current, false, { headers, metadata, size }),
    store.bytes.segments(source.id),
  );
  const isSync = header(call, "x-ms-requires-sync") === "true" || header(call, "x-ms-blob-type");
  answer(call, isSync ? 201 : 202, {
    ...versionHeaders(made),
    "x-ms-copy-id": call.requestId,
    "x-ms-copy-status": "success",
  });
}
