import { demand } from "../access/demand.ts";
import { existing, locate, type PathOperation } from "../access/operation.ts";
import { demandOnline, demandType } from "../operations/demand-state.ts";
import { putPath } from "../operations/put-path.ts";
import type { Segment } from "../storage/bytes.ts";
import type { Node } from "../storage/node.ts";
import { readHeaders, typeOf, writeHeaders } from "../storage/stored-headers.ts";
import { answer, ENCRYPTED } from "../wire/answer.ts";
import { header } from "../wire/lake-call.ts";
import { checkLease } from "../wire/leases.ts";
import { metadataOf, versionHeaders } from "../wire/properties.ts";
import { refuse, refuseHeader, refuseSource } from "../wire/refusals.ts";
import { stateOfCopy, tierOf } from "./access-tiers.ts";
import { type CopySource, copySourceOf, readSource, receiveParts } from "./copy-source.ts";
import { checkWrite, commit } from "./put-blob.ts";

const MAX_SYNC = {
  bytes: 256 * 1024 * 1024,
  refusal: refuseSource(
    409,
    "The source request body for synchronous copy is too large and exceeds the maximum permissible limit (256MB).",
  ),
};
const MAX_PUT = { bytes: 5_000 * 1024 * 1024 };

/** PUT with `x-ms-copy-source`: one of three operations that copy a blob. */
export async function copyBlob(operation: PathOperation): Promise<void> {
  const { call } = operation;
  if (header(call, "x-ms-blob-type")) await putBlobFromUrl(operation);
  else if (header(call, "x-ms-requires-sync")?.toLowerCase() === "true") await copyNow(operation);
  else await startCopy(operation);
}

/** "Put Blob From URL": copies bytes and, unless a header forbids it, content headers. */
async function putBlobFromUrl(operation: PathOperation): Promise<void> {
  const { call } = operation;
  if (header(call, "x-ms-blob-type")?.toLowerCase() !== "blockblob")
    throw refuseHeader("x-ms-blob-type");
  checkWrite(operation, { type: "BlockBlob" });
  const isBare = header(call, "x-ms-copy-source-blob-properties")?.toLowerCase() === "false";
  let made: Node | undefined;
  const md5 = await readSource(operation, MAX_PUT, async (parts, { node }) => {
    made = await commit(operation, parts, { headers: isBare ? {} : readHeaders(node).content });
  });
  answer(call, 201, { ...(made && versionHeaders(made)), "Content-MD5": md5, ...ENCRYPTED });
}

/** "Copy Blob From URL": copies a block blob synchronously. */
async function copyNow(operation: PathOperation): Promise<void> {
  checkWrite(operation, { type: "BlockBlob" });
  let made: Node | undefined;
  const md5 = await readSource(operation, MAX_SYNC, async (parts, source) => {
    demandType(source.node, "BlockBlob");
    made = await putCopy(operation, source, parts, "success");
  });
  answerCopy(operation, "success", made, md5);
}

/**
 * "Copy Blob": within an account the copy shares its bytes with the source, and is complete at once;
 * from another account it is made after the answer, and the blob is empty until then.
 */
async function startCopy(operation: PathOperation): Promise<void> {
  const { call, store } = operation;
  checkWrite(operation, { unmet: "TargetConditionNotMet" });
  const source = await copySourceOf(operation, true);
  const isHere = source.store === store;
  const status = isHere ? "success" : "pending";
  try {
    // An archived blob can only be copied to an online tier.
    if ((tierOf(call) ?? "Archive") === "Archive") demandOnline(source.node);
    const made = await putCopy(operation, source, isHere ? source.parts : [], status);
    answerCopy(operation, status, made);
    if (!isHere) store.inBackground(finishCopy(operation, made, source));
  } finally {
    if (isHere) await source.release();
  }
}

/** Creates the copy: complete, or empty while it is pending. */
async function putCopy(
  operation: PathOperation,
  { node, url, blocks }: CopySource,
  parts: readonly Segment[],
  status: "success" | "pending",
): Promise<Node> {
  const { call, store } = operation;
  const current = locate(operation);
  const { content, state } = readHeaders(node);
  checkWrite(current, { unmet: "TargetConditionNotMet", type: typeOf(state) });
  const isWhole = status === "success";
  const make = () => {
    const { size } = node;
    const headers = writeHeaders(content, { ...stateOfCopy(call, state), madeBy: "blob" });
    const metadata = metadataOf(call) ?? node.metadata;
    const made = putPath(current, false, { headers, metadata, size: isWhole ? size : 0 });
    store.copies.put({
      node: made.id,
      id: call.requestId,
      source: url,
      status,
      size,
      completed: isWhole ? Date.now() : null,
      description: null,
    });
    return made;
  };
  return store.replace(make, parts, isWhole ? blocks : []);
}

function answerCopy(
  { call }: PathOperation,
  status: "success" | "pending",
  made: Node | undefined,
  md5?: string,
): void {
  answer(call, 202, {
    ...(made && versionHeaders(made)),
    "x-ms-copy-id": call.requestId,
    "x-ms-copy-status": status,
    "Content-MD5": md5,
  });
}

/** Writes the bytes of a pending copy, unless it was aborted or removed meanwhile. */
async function finishCopy(
  { call, store }: PathOperation,
  { id }: Node,
  source: CopySource,
): Promise<void> {
  const pending = () => store.copies.pending(id, call.requestId);
  try {
    const { parts, release } = await receiveParts(store, source, source.parts);
    try {
      store.tree.transact(() => {
        const copy = pending();
        if (!copy) return;
        for (const part of parts) store.bytes.put(id, part);
        store.bytes.putBlocks(id, source.blocks);
        store.tree.touch(id, { size: source.node.size });
        store.copies.end(copy, "success");
      });
    } finally {
      await release();
    }
  } catch {
    const copy = pending();
    if (copy) store.copies.end(copy, "failed", '500 InternalError "Copy failed."');
  } finally {
    await source.release();
  }
}

/** PUT ?comp=copy: aborts a pending copy, and leaves an empty blob. */
export function abortCopy(operation: PathOperation): void {
  const { call, store } = operation;
  demand(operation, "overwrite");
  const node = existing(operation);
  checkLease(call, node.lease, "write");
  if (header(call, "x-ms-copy-action") !== "abort") throw refuseHeader("x-ms-copy-action");
  const copy = store.copies.pending(node.id);
  if (!copy) throw refuse("NoPendingCopyOperation");
  if (copy.id !== call.query.get("copyid")) throw refuse("CopyIdMismatch");
  store.copies.end(copy, "aborted");
  answer(call, 204);
}
