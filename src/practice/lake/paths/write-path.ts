import { demand } from "../access/demand.ts";
import { existing, existingFile, type PathOperation } from "../access/operation.ts";
import { demandMadeBy, demandOnline } from "../operations/demand-state.ts";
import { flushAppended } from "../operations/flush-appended.ts";
import { putPath } from "../operations/put-path.ts";
import type { Node, NodeChange } from "../storage/node.ts";
import { type ContentHeaders, replaceContent, writeHeaders } from "../storage/stored-headers.ts";
import { answer, ENCRYPTED } from "../wire/answer.ts";
import { bodyOf } from "../wire/body.ts";
import { checksumsOf } from "../wire/checksums.ts";
import { checkConditions } from "../wire/conditions.ts";
import { type Call, count, flag, header } from "../wire/lake-call.ts";
import { changeLease, checkLease, leaseRequestOf } from "../wire/leases.ts";
import {
  contentHeadersOf,
  expiryOf,
  metadataOf,
  TRANSACTION,
  versionHeaders,
} from "../wire/properties.ts";
import { refuse, refuseQuery } from "../wire/refusals.ts";

/** PUT ?resource=file|directory: makes a path, or makes a file anew. */
export async function createPath(operation: PathOperation): Promise<void> {
  const { call, node, store } = operation;
  demand(operation, node ? "overwrite" : "create");
  const resource = call.query.get("resource") ?? "";
  if (resource !== "file" && resource !== "directory") throw refuseQuery("resource", resource);
  const isDirectory = resource === "directory";
  checkConditions(call, node);
  if (node) {
    checkLease(call, node.lease, "write");
    demandOnline(node);
  }
  const option = header(call, "x-ms-expiry-option");
  if (option !== undefined && isDirectory) throw refuse("ExpiryNotSupportedForDirectory");
  const made = await store.replace(() =>
    putPath(operation, isDirectory, {
      headers: madeHeaders(call, isDirectory),
      metadata: metadataOf(call),
      ...(option === undefined ? {} : { expires: expiryOf(call, Date.now()) }),
    }),
  );
  if (option !== undefined) store.expectExpiry(made.expires);
  if (header(call, "x-ms-proposed-lease-id") !== undefined) takeLease(operation, made, "acquire");
  answer(call, 201, { ...versionHeaders(made), ...ENCRYPTED });
}

/** Content headers that the request names, and by what name it knows itself again. */
function madeHeaders(call: Call, isDirectory: boolean): string {
  const content = JSON.parse(contentHeadersOf(call, "x-ms-") ?? "{}") as ContentHeaders;
  const transaction = header(call, TRANSACTION);
  return writeHeaders(content, { transaction, ...(!isDirectory && { madeBy: "dfs" }) });
}

/** PATCH ?action=append: writes bytes that a later flush publishes. */
export async function append(operation: PathOperation): Promise<void> {
  const { call, store } = operation;
  demand(operation, "append");
  const file = writableFile(operation);
  const lease = header(call, "x-ms-lease-action")?.toLowerCase();
  if (lease?.startsWith("acquire")) takeLease(operation, file, "acquire");
  else if (lease === "auto-renew") takeLease(operation, file, "renew");
  else checkLease(call, file.lease, "write");
  const position = required(operation, "position");
  const checksums = checksumsOf(call);
  const body = checksums.watch(bodyOf(call));
  await store.uploads.append(file, position, body, () => checksums.check());
  const isFlush = flag(call, "flush", false);
  const version = isFlush ? await flushAppended(store, file) : undefined;
  if (isFlush && lease?.endsWith("release")) takeLease(operation, file, "release");
  const headers = version && versionHeaders(version);
  answer(call, 202, { ...headers, ...checksums.headers, ...ENCRYPTED });
}

/** PATCH ?action=flush: publishes what was appended. */
export async function flush(operation: PathOperation): Promise<void> {
  const { call, store } = operation;
  demand(operation, "flush");
  const file = writableFile(operation);
  checkConditions(call, file);
  const lease = header(call, "x-ms-lease-action")?.toLowerCase();
  if (lease?.startsWith("acquire")) takeLease(operation, file, "acquire");
  else if (lease === "auto-renew") takeLease(operation, file, "renew");
  else checkLease(call, file.lease, "write");
  const position = required(operation, "position");
  const isKept = flag(call, "retainuncommitteddata", false);
  const version = await flushAppended(store, file, position, isKept);
  const headers = contentHeadersOf(call, "x-ms-");
  if (headers !== null) store.tree.change(file.id, { headers: replaceContent(file, headers) });
  if (lease?.endsWith("release")) takeLease(operation, file, "release");
  answer(call, 200, { ...versionHeaders(version), ...ENCRYPTED });
}

function takeLease({ call, store }: PathOperation, file: Node, action: string): void {
  const asked = leaseRequestOf(call);
  // The id that was proposed to acquire is the one that later steps hold.
  const id = asked.id ?? asked.proposedId;
  const lease = store.tree.byId(file.id)?.lease ?? null;
  store.tree.change(file.id, { lease: changeLease({ ...asked, id, action }, lease).lease });
}

/** The file to write to, which is of this API: append blobs are of the other. */
function writableFile(operation: PathOperation): Node {
  const file = existingFile(operation);
  demandOnline(file);
  demandMadeBy(file, "dfs");
  return file;
}

function required({ call }: PathOperation, name: string): number {
  if (!call.query.has(name)) throw refuse("MissingRequiredQueryParameter");
  return count(call, name, 0);
}

/** PATCH ?action=setProperties: replaces metadata, and content headers that are given. */
export function setProperties(operation: PathOperation): void {
  const { call } = operation;
  change(operation, (node) => {
    const headers = contentHeadersOf(call, "x-ms-");
    const kept = headers === null ? node.headers : replaceContent(node, headers);
    return { headers: kept, metadata: metadataOf(call) };
  });
}

/** PUT ?comp=metadata of the blob dialect. */
export function setMetadata(operation: PathOperation): void {
  change(operation, () => ({ metadata: metadataOf(operation.call) }), ENCRYPTED);
}

/** PUT ?comp=properties of the blob dialect: content headers not given are cleared. */
export function setContentHeaders(operation: PathOperation): void {
  const { call, store } = operation;
  change(operation, (node) => {
    store.copies.forget(node.id);
    // A type that was taken away is another thing than one that nobody ever gave.
    const headers = contentHeadersOf(call, "x-ms-blob-", { "content-type": "" });
    return { headers: replaceContent(node, headers) };
  });
}

/** Changes a path whose conditions and lease let it, and answers with its new version. */
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
  store.tree.touch(node.id, changeOf(node));
  answer(call, 200, { ...versionHeaders(store.tree.byId(node.id) ?? node), ...headers });
}

/** Lease operations: PUT ?comp=lease of the blob dialect, POST of the path dialect. */
export function leasePath(operation: PathOperation): void {
  const { call, store } = operation;
  demand(operation, "lease");
  const node = existing(operation);
  checkConditions(call, node);
  const { lease, status, headers } = changeLease(leaseRequestOf(call), node.lease);
  store.tree.change(node.id, { lease });
  answer(call, status, { ...versionHeaders(node), ...headers });
}

/** PUT ?comp=expiry: when a file ends by itself. */
export function setExpiry(operation: PathOperation): void {
  const { call, store } = operation;
  demand(operation, "write");
  if (existing(operation).directory) throw refuse("ExpiryNotSupportedForDirectory");
  const file = existingFile(operation);
  demandOnline(file);
  checkLease(call, file.lease, "write");
  const expires = expiryOf(call, file.created);
  store.tree.touch(file.id, { expires });
  store.expectExpiry(expires);
  answer(call, 200, versionHeaders(store.tree.byId(file.id) ?? file));
}
