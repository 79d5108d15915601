import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { demand } from "../access/demand.ts";
import { existing, type PathOperation } from "../access/operation.ts";
import { ownerHeaders, shownAcl } from "../access/permissions.ts";
import { demandOnline } from "../operations/demand-state.ts";
import type { Store } from "../storage/lake-store.ts";
import type { Node } from "../storage/node.ts";
import { readHeaders } from "../storage/stored-headers.ts";
import { answer, begin } from "../wire/answer.ts";
import { checkConditions } from "../wire/conditions.ts";
import { Crc64 } from "../wire/crc64.ts";
import { sendFailing, touchesBody } from "../wire/inject-faults.ts";
import { header } from "../wire/lake-call.ts";
import { checkLease, leaseHeaders } from "../wire/leases.ts";
import { copyHeaders, propertyHeaders } from "../wire/properties.ts";
import { type Range, rangeOf } from "../wire/ranges.ts";
import { refuse } from "../wire/refusals.ts";
import { sendBytes } from "../wire/send-bytes.ts";

const SMALL = 64 * 1024;
const MAX_CHECKED_RANGE = 4 * 1024 * 1024;

/** HEAD on a path */
export function getProperties(operation: PathOperation): void {
  demand(operation, "status");
  const node = existing(operation);
  checkConditions(operation.call, node);
  checkLease(operation.call, node.lease, "read");
  answer(operation.call, 200, {
    "Content-Length": node.size,
    ...headersOf(operation.store, node),
    ...ownerHeaders(node, operation.nameOf),
    "x-ms-acl": shownAcl(node, operation.nameOf),
    ...operation.caller.overrides,
  });
}

/** Headers of GET and HEAD. */
function headersOf(store: Store, node: Node): Record<string, string | undefined> {
  return {
    ...propertyHeaders(node),
    ...blockHeaders(store, node),
    ...copyHeaders(store.copies.get(node.id)),
    ...leaseHeaders(node.lease),
  };
}

/** Number of blocks of an append blob. */
function blockHeaders({ bytes }: Store, node: Node): Record<string, string> {
  if (readHeaders(node).state.type !== "AppendBlob") return {};
  return { "x-ms-blob-committed-block-count": String(bytes.blockCount(node.id)) };
}

/** GET on a path */
export async function read(operation: PathOperation): Promise<void> {
  const { call, store } = operation;
  demand(operation, "read");
  if (call.names.length === 0) throw refuse("InvalidUri");
  const node = existing(operation);
  checkConditions(call, node);
  checkLease(call, node.lease, "read");
  demandOnline(node);
  const range = rangeOf(call, node.size);
  const { start, length } = range ?? { start: 0, length: node.size };
  const { "content-md5": md5, ...headers } = headersOf(store, node);
  const { nameOf } = operation;
  const access = { ...ownerHeaders(node, nameOf), "x-ms-acl": shownAcl(node, nameOf) };
  const all = { ...headers, ...access, "Content-Length": length, ...operation.caller.overrides };
  // Small content is read before the answer begins, which could not become a refusal after that.
  const isSmall = length <= SMALL && !touchesBody(operation.faults);
  const small = isSmall && length > 0 ? store.bytes.readSmall(node.id, start, length) : undefined;
  if (!range) {
    begin(call, 200, { ...all, "Content-MD5": md5 });
  } else {
    begin(call, 206, {
      ...all,
      "Content-Range": `bytes ${start}-${start + length - 1}/${node.size}`,
      "x-ms-blob-content-md5": md5,
      ...(await rangeChecksum(operation, node.id, range)),
    });
  }
  if (length === 0) {
    call.response.end();
    return;
  }
  if (small) {
    call.response.end(small);
  } else if (touchesBody(operation.faults)) {
    const body = store.bytes.read(node.id, start, length);
    // The answer has the old bytes, the next one the new ones.
    if (operation.faults.some(({ kind }) => kind === "replace")) await replaceBytes(store, node);
    await sendFailing(body, call.response, operation.faults);
  } else {
    await sendBytes(store.bytes, { node: node.id, start, length }, call.response);
  }
}

/** The header with the checksum of a range, where the request asks for one. */
async function rangeChecksum(
  { call, store }: PathOperation,
  node: number,
  { start, length }: Range,
): Promise<Record<string, string>> {
  const isAsked = (name: string) =>
    header(call, `x-ms-range-get-content-${name}`)?.toLowerCase() === "true";
  const isCrc = isAsked("crc64");
  if (!isCrc && !isAsked("md5")) return {};
  if (isCrc && isAsked("md5")) throw refuse("BothCrc64AndMd5RangeHeaderPresent");
  if (length > MAX_CHECKED_RANGE) throw refuse("OutOfRangeInput");
  const md5 = createHash("md5");
  const crc = new Crc64();
  for await (const chunk of store.bytes.read(node, start, length)) {
    if (isCrc) crc.update(chunk as Buffer);
    else md5.update(chunk as Buffer);
  }
  return isCrc ? { "x-ms-content-crc64": crc.digest() } : { "Content-MD5": md5.digest("base64") };
}

/** Replaces a file by other bytes of the same length, as another writer would. */
async function replaceBytes(store: Store, node: Node): Promise<void> {
  const { id, size } = node;
  const source = store.bytes.read(id, 0, size) as AsyncIterable<Buffer>;
  const inverted = async function* () {
    for await (const chunk of source) yield chunk.map((byte) => byte ^ 255);
  };
  const body = Readable.from(inverted(), { objectMode: false });
  const { file, offset, release } = await store.bytes.files.store(body);
  const remake = () => {
    store.tree.touch(id, { size });
    return store.tree.byId(id) ?? node;
  };
  const blocks = store.bytes.blockStarts(id);
  await store.replace(remake, [{ start: 0, length: size, file, offset }], blocks);
  await release();
}
