import { demand } from "../access/demand.ts";
import { existingFile, locate, type PathOperation } from "../access/operation.ts";
import { demandType } from "../operations/demand-state.ts";
import type { Segment } from "../storage/bytes.ts";
import type { Node } from "../storage/node.ts";
import { readHeaders, writeHeaders } from "../storage/stored-headers.ts";
import { answer, ENCRYPTED } from "../wire/answer.ts";
import { checkConditions } from "../wire/conditions.ts";
import { type Call, header } from "../wire/lake-call.ts";
import { checkLease } from "../wire/leases.ts";
import { versionHeaders } from "../wire/properties.ts";
import { refuse, refuseHeader } from "../wire/refusals.ts";
import { readSource } from "./copy-source.ts";
import { checkWrite, commit, receiveBody } from "./put-blob.ts";

const MIB = 1024 * 1024;
const MAX_BLOCKS = 50_000;
const LARGE_SINCE = "2022-11-02";

/** PUT with `x-ms-blob-type: AppendBlob`: creates an empty append blob. */
export async function putAppendBlob(operation: PathOperation): Promise<void> {
  const { call } = operation;
  if (header(call, "content-length") !== "0") throw refuseHeader("content-length");
  checkWrite(operation, { type: "AppendBlob" });
  const type = header(call, "content-type");
  const headers = type === undefined ? {} : { "content-type": type };
  const made = await commit(operation, [], { type: "AppendBlob", headers });
  answer(call, 201, { ...versionHeaders(made), ...ENCRYPTED });
}

/** PUT ?comp=appendblock: appends a block. */
export async function appendBlock(operation: PathOperation): Promise<void> {
  const { call } = operation;
  const limit = { bytes: maxBlock(call) };
  if (header(call, "x-ms-copy-source")) {
    checkAppend(operation);
    let added = {};
    const md5 = await readSource(operation, limit, async (parts) => {
      added = add(operation, parts);
    });
    answer(call, 201, { ...added, "Content-MD5": md5, ...ENCRYPTED });
    return;
  }
  const announced = Number(header(call, "content-length") ?? 0);
  checkAppend(operation, announced);
  if (announced > limit.bytes) throw refuse("RequestBodyTooLarge");
  const keep = async (part: Segment, _digest: string, checked: object) =>
    answer(call, 201, { ...add(operation, [part]), ...checked });
  await receiveBody(operation, keep, limit.bytes);
}

/** Bytes that a block may have: more since version 2022-11-02. */
function maxBlock(call: Call): number {
  return (header(call, "x-ms-version") ?? LARGE_SINCE) < LARGE_SINCE ? 4 * MIB : 100 * MIB;
}

/** Appends segments as one block; returns the headers of the answer. */
function add(operation: PathOperation, parts: readonly Segment[]): Record<string, string> {
  const { store } = operation;
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length === 0) throw refuseHeader("content-length");
  // Checked again, as another block may have been appended while this one arrived.
  const blob = checkAppend(locate(operation), length);
  const { version, count } = store.tree.transact(() => ({
    version: store.tree.touch(blob.id, { size: blob.size + length }),
    count: store.bytes.append(blob, parts),
  }));
  return {
    ...versionHeaders(version),
    "x-ms-blob-append-offset": String(blob.size),
    "x-ms-blob-committed-block-count": String(count),
  };
}

/** The append blob, when the caller may change it and the conditions and the lease allow it. */
function blobToChange(operation: PathOperation): Node {
  demand(operation, "append");
  const blob = existingFile(operation);
  demandType(blob, "AppendBlob");
  checkConditions(operation.call, blob);
  checkLease(operation.call, blob.lease, "write");
  return blob;
}

/** The same, when `length` more bytes are within its limits. */
function checkAppend(operation: PathOperation, length = 0): Node {
  const { call, store } = operation;
  const blob = blobToChange(operation);
  if (readHeaders(blob).state.sealed) throw refuse("BlobIsSealed");
  const largest = position(call, "x-ms-blob-condition-maxsize");
  if (largest !== undefined && blob.size + length > largest) {
    throw refuse("MaxBlobSizeConditionNotMet");
  }
  checkPosition(call, blob);
  if (store.bytes.blockCount(blob.id) >= MAX_BLOCKS) throw refuse("BlockCountExceedsLimit");
  return blob;
}

function checkPosition(call: Call, blob: Node): void {
  const requested = position(call, "x-ms-blob-condition-appendpos");
  if (requested !== undefined && requested !== blob.size)
    throw refuse("AppendPositionConditionNotMet");
}

/** PUT ?comp=seal: nothing can be appended after that. */
export function sealBlob(operation: PathOperation): void {
  const { call, store } = operation;
  const blob = blobToChange(operation);
  checkPosition(call, blob);
  const { content, state } = readHeaders(blob);
  const version = state.sealed
    ? blob
    : store.tree.touch(blob.id, { headers: writeHeaders(content, { ...state, sealed: true }) });
  answer(call, 200, { ...versionHeaders(version), "x-ms-blob-sealed": "true" });
}

function position(call: Call, name: string): number | undefined {
  const text = header(call, name);
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw refuseHeader(name);
  return Number(text);
}
