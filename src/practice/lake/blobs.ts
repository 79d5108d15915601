import { createHash } from "node:crypto";
import { demand } from "./access.ts";
import { answer, answerXml } from "./answer.ts";
import { readText } from "./body.ts";
import type { Segment } from "./bytes.ts";
import { header } from "./call.ts";
import { checkConditions } from "./conditions.ts";
import { expiryOf } from "./expiry.ts";
import { checkLease } from "./leases.ts";
import { putNode } from "./making.ts";
import { copySourceOf } from "./moving.ts";
import { existing, locate, type PathOperation } from "./operation.ts";
import { contentHeadersOf, metadataOf, versionHeaders } from "./properties.ts";
import { refuse, refuseHeader } from "./refusals.ts";
import type { Node } from "./tree.ts";
import { element, unescapeXml } from "./xml.ts";

const ENCRYPTED = { "x-ms-request-server-encrypted": "true" };
const MAX_BLOCKS = 50_000;

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

function checkMd5({ call }: PathOperation, digest: string): void {
  const given = header(call, "content-md5");
  if (given !== undefined && given !== digest) throw refuse("Md5Mismatch");
}

/** Checks whether the caller may write the blob, before its bytes are taken in. */
function checkWrite(operation: PathOperation): void {
  const { call, node } = operation;
  if (call.names.length === 0) throw refuse("InvalidUri");
  demand(operation, node ? "overwrite" : "create");
  checkConditions(call, node);
  if (node) checkLease(call, node.lease, "write");
}

/** Makes segments the content of the blob at the operation's path, all at once. */
async function commit(
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

/** PUT ?comp=block: keeps a block for a later block list. */
export async function putBlock(operation: PathOperation): Promise<void> {
  const { call, store } = operation;
  demand(operation, operation.node ? "append" : "create");
  if (operation.node) checkLease(call, operation.node.lease, "write");
  const id = blockId(call.query.get("blockid") ?? "");
  const { file, length, digest } = await store.bytes.store(call.request);
  try {
    checkMd5(operation, digest);
  } catch (error) {
    await store.bytes.drop([file]);
    throw error;
  }
  await store.blocks.stage(blobKey(operation), id, { file, length });
  answer(call, 201, { "Content-MD5": digest, ...ENCRYPTED });
}

function blockId(text: string): string {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || Buffer.from(text, "base64").length > 64) {
    throw refuse("InvalidBlockId");
  }
  return text;
}

function blobKey({ call, fileSystem }: PathOperation): string {
  return `${fileSystem.root}/${call.names.join("/")}`;
}

/** PUT ?comp=blocklist: makes a blob of blocks. */
export async function putBlockList(operation: PathOperation): Promise<void> {
  const { call, store } = operation;
  checkWrite(operation);
  const body = await readText(call);
  const wanted = [...body.matchAll(/<(Latest|Committed|Uncommitted)>([^<]*)<\/\1>/g)];
  if (!/<BlockList[\s/>]/.test(body)) throw refuse("InvalidXmlDocument");
  if (wanted.length > MAX_BLOCKS) throw refuse("BlockListTooLong");
  const digest = createHash("md5").update(body).digest("base64");
  checkMd5(operation, digest);
  const staged = store.blocks.staged(blobKey(operation));
  const { node } = locate(operation);
  const committed = new Map(
    node ? store.bytes.blocks(node.id).map(({ id, parts }) => [id, parts]) : [],
  );
  const segments: Segment[] = [];
  const blocks: { id: string; start: number }[] = [];
  let start = 0;
  for (const [, list = "", text = ""] of wanted) {
    const id = unescapeXml(text.trim());
    const fresh = list === "Committed" ? undefined : staged.get(id);
    const parts = fresh
      ? [{ start: 0, length: fresh.length, file: fresh.file, offset: 0 }]
      : list === "Uncommitted"
        ? undefined
        : committed.get(id);
    if (!parts) throw refuse("InvalidBlockList");
    blocks.push({ id, start });
    for (const part of parts) {
      segments.push({ ...part, start });
      start += part.length;
    }
  }
  const made = await commit(operation, segments, undefined, blocks);
  await store.blocks.discard(blobKey(operation));
  answer(call, 201, { ...versionHeaders(made), ...ENCRYPTED });
}

/** GET ?comp=blocklist */
export function getBlockList(operation: PathOperation): void {
  const { call, store, node } = operation;
  demand(operation, "read");
  const staged = store.blocks.staged(blobKey(operation));
  if (!node && staged.size === 0) throw refuse("PathNotFound");
  const type = (call.query.get("blocklisttype") ?? "committed").toLowerCase();
  const block = (id: string, size: number) =>
    element("Block", element("Name", id) + element("Size", size), true);
  const committed = node ? store.bytes.blocks(node.id) : [];
  const sizeOf = (parts: readonly Segment[]) => parts.reduce((sum, { length }) => sum + length, 0);
  const lists = [
    type === "uncommitted"
      ? ""
      : element(
          "CommittedBlocks",
          committed.map(({ id, parts }) => block(id, sizeOf(parts))).join(""),
          true,
        ),
    type === "committed"
      ? ""
      : element(
          "UncommittedBlocks",
          [...staged].map(([id, { length }]) => block(id, length)).join(""),
          true,
        ),
  ];
  answerXml(call, 200, element("BlockList", lists.join(""), true), {
    ...(node ? versionHeaders(node) : {}),
    "x-ms-blob-content-length": node?.size ?? 0,
  });
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
