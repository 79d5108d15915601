import { createHash } from "node:crypto";
import { pipeline } from "node:stream/promises";
import { demand } from "../access/demand.ts";
import { existing, type PathOperation } from "../access/operation.ts";
import { ownerHeaders, shownAcl } from "../access/permissions.ts";
import { demandOnline } from "../blob/access-tiers.ts";
import { blockHeaders } from "../blob/append-blobs.ts";
import { copyHeaders } from "../storage/copies.ts";
import type { Store } from "../storage/lake-store.ts";
import type { Node } from "../storage/node.ts";
import { turnBytes } from "../storage/replacing.ts";
import { answer, begin } from "../wire/answer.ts";
import { checkConditions } from "../wire/conditions.ts";
import { Crc64 } from "../wire/crc64.ts";
import { sendFailing, touchesBody } from "../wire/inject-faults.ts";
import { type Call, header } from "../wire/lake-call.ts";
import { checkLease, leaseHeaders } from "../wire/leases.ts";
import { propertyHeaders } from "../wire/properties.ts";
import { refuse, refuseHeader } from "../wire/refusals.ts";

const SMALL = 64 * 1024;
const MAX_CHECKED_RANGE = 4 * 1024 * 1024;

/** HEAD on a path: its properties. */
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

/** What is said of a path with and without its bytes. */
function headersOf(store: Store, node: Node): Record<string, string | undefined> {
  return {
    ...propertyHeaders(node),
    ...blockHeaders(store, node),
    ...copyHeaders(store.copies.get(node.id)),
    ...leaseHeaders(node.lease),
  };
}

/** GET on a path: its bytes, or a range of them. */
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
  // What can be read at once is read first: an answer that has begun cannot become a refusal.
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
  const body = small ?? store.bytes.read(node.id, start, length);
  // The answer has the old bytes; whoever reads on after it meets the new ones.
  if (operation.faults.some(({ kind }) => kind === "replace")) await turnBytes(store, node);
  if (Buffer.isBuffer(body)) call.response.end(body);
  else if (touchesBody(operation.faults)) await sendFailing(body, call.response, operation.faults);
  else await pipeline(body, call.response);
}

interface Range {
  readonly start: number;
  readonly length: number;
}

/** The range a request asks for, in bytes from 0; `x-ms-range` goes before `Range`. */
function rangeOf(call: Call, size: number): Range | undefined {
  const own = header(call, "x-ms-range");
  const range = rangeIn(own ?? header(call, "range"), size);
  // RFC 9110 has a range that is not understood ignored; Azure understands no suffix ranges.
  if (!range && own !== undefined) throw refuseHeader("x-ms-range");
  return range;
}

/**
 * Reads `bytes=1-2` or `bytes=1-`; undefined for what is no such range.
 *
 * @throws Refusal for a range that lies outside
 */
export function rangeIn(text: string | undefined, size: number): Range | undefined {
  const match = /^bytes=(\d+)-(\d*)$/.exec(text?.trim() ?? "");
  if (!match) return undefined;
  const start = Number(match[1]);
  const last = match[2] === "" ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (start >= size || last < start)
    throw refuse("InvalidRange", { "Content-Range": `bytes */${size}` });
  return { start, length: last - start + 1 };
}

/** The checksum of a range that the request asks for, as the header that it goes into. */
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
