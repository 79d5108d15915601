import { demand } from "../access/demand.ts";
import { locate, type PathOperation } from "../access/operation.ts";
import { demandMadeBy, demandOnline, demandType } from "../operations/demand-state.ts";
import type { Segment } from "../storage/bytes.ts";
import { answer, answerXml, ENCRYPTED } from "../wire/answer.ts";
import { readText } from "../wire/body.ts";
import { checksumsOf } from "../wire/checksums.ts";
import { header } from "../wire/lake-call.ts";
import { checkLease } from "../wire/leases.ts";
import { versionHeaders } from "../wire/properties.ts";
import { refuse } from "../wire/refusals.ts";
import { element, unescapeXml } from "../xml/write-xml.ts";
import { readSource } from "./copy-source.ts";
import { checkWrite, commit, receiveBody } from "./put-blob.ts";

const MAX_BLOCKS = 50_000;
const MAX_BLOCK = { bytes: 4_000 * 1024 * 1024 };

/** PUT ?comp=block: stages a block for a block list. */
export async function putBlock(operation: PathOperation): Promise<void> {
  const { call, store } = operation;
  demand(operation, operation.node ? "append" : "create");
  if (operation.node) {
    checkLease(call, operation.node.lease, "write");
    demandOnline(operation.node);
    demandType(operation.node, "BlockBlob");
    demandMadeBy(operation.node, "blob");
  }
  const id = blockId(call.query.get("blockid") ?? "");
  // All blocks of a blob have ids of one length.
  const [other = id] = store.blocks.staged(blobKey(operation)).keys();
  if (other.length !== id.length) throw refuse("InvalidBlobOrBlock");
  if (header(call, "x-ms-copy-source")) {
    await putBlockFromUrl(operation, id);
    return;
  }
  await receiveBody(operation, async (part, _digest, checked) => {
    await store.blocks.stage(blobKey(operation), id, [part]);
    answer(call, 201, checked);
  });
}

/** "Put Block From URL": the block is a range of another blob. */
async function putBlockFromUrl(operation: PathOperation, id: string): Promise<void> {
  const { call, store } = operation;
  const md5 = await readSource(operation, MAX_BLOCK, (parts) =>
    store.blocks.stage(blobKey(operation), id, parts),
  );
  answer(call, 201, { "Content-MD5": md5, ...ENCRYPTED });
}

function blockId(text: string): string {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || Buffer.from(text, "base64").length > 64) {
    throw refuse("InvalidBlockId");
  }
  return text;
}

function blobKey({ call, fileSystem }: PathOperation) {
  return { root: fileSystem.root, path: call.names.join("/") };
}

/** PUT ?comp=blocklist: commits blocks as a blob. */
export async function putBlockList(operation: PathOperation): Promise<void> {
  const { call, store } = operation;
  checkWrite(operation, { type: "BlockBlob" });
  if (operation.node) demandMadeBy(operation.node, "blob");
  const body = await readText(call);
  const requested = [...body.matchAll(/<(Latest|Committed|Uncommitted)>([^<]*)<\/\1>/g)];
  if (!/<BlockList[\s/>]/.test(body)) throw refuse("InvalidXmlDocument");
  if (requested.length > MAX_BLOCKS) throw refuse("BlockListTooLong");
  const staged = store.blocks.staged(blobKey(operation));
  const { node } = locate(operation);
  const committed = new Map(
    node ? store.bytes.blocks(node.id).map(({ id, parts }) => [id, parts]) : [],
  );
  const segments: Segment[] = [];
  const blocks: { id: string; start: number }[] = [];
  let start = 0;
  for (const [, list = "", text = ""] of requested) {
    const id = unescapeXml(text.trim());
    const fresh = list === "Committed" ? undefined : staged.get(id);
    const parts = fresh ?? (list === "Uncommitted" ? undefined : committed.get(id));
    if (!parts) throw refuse("InvalidBlockList");
    blocks.push({ id, start });
    for (const part of parts) {
      segments.push({ ...part, start });
      start += part.length;
    }
  }
  const made = await commit(operation, segments, { blocks });
  await store.blocks.discard(blobKey(operation));
  answer(call, 201, { ...versionHeaders(made), ...checksumsOf(call).headers, ...ENCRYPTED });
}

/** GET ?comp=blocklist */
export function getBlockList(operation: PathOperation): void {
  const { call, store, node } = operation;
  demand(operation, "read");
  if (node) {
    checkLease(call, node.lease, "read");
    demandOnline(node);
    demandType(node, "BlockBlob");
  }
  const isSnapshot = call.query.has("snapshot");
  const staged = isSnapshot ? new Map() : store.blocks.staged(blobKey(operation));
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
          [...staged].map(([id, parts]) => block(id, sizeOf(parts))).join(""),
          true,
        ),
  ];
  answerXml(call, 200, element("BlockList", lists.join(""), true), {
    ...(node ? versionHeaders(node) : {}),
    "x-ms-blob-content-length": node?.size ?? 0,
  });
}
