import { parseMode } from "../access/acl.ts";
import { demand, isGranted } from "../access/demand.ts";
import { existing, locate, type PathOperation } from "../access/operation.ts";
import { putPath } from "../operations/put-path.ts";
import { removeByAcl } from "../operations/remove-by-acl.ts";
import type { Node } from "../storage/node.ts";
import { walk } from "../storage/walk.ts";
import { answerJson } from "../wire/answer.ts";
import { count, flag, place } from "../wire/lake-call.ts";
import { checkLease } from "../wire/leases.ts";
import { refuse } from "../wire/refusals.ts";

const MAX_LIST = 4_000;
const BLOCK_SIZE = 256 * 1024 * 1024;
// The default of `permission` in Gen1.
const DEFAULT_MODE = 0o770;

export function requestedAccessOf({ call }: PathOperation): { mode: number; umask: number } {
  const text = call.query.get("permission");
  return { mode: text ? parseMode(text.padStart(3, "0")) : DEFAULT_MODE, umask: 0 };
}

function answerBoolean({ call }: PathOperation, value: boolean): void {
  answerJson(call, 200, JSON.stringify({ boolean: value }));
}

function statusOf(node: Node, pathSuffix: string) {
  return {
    length: node.size,
    pathSuffix,
    type: node.directory ? "DIRECTORY" : "FILE",
    blockSize: node.directory ? 0 : BLOCK_SIZE,
    accessTime: node.modified,
    modificationTime: node.modified,
    replication: node.directory ? 0 : 1,
    permission: (node.mode & 0o1777).toString(8).padStart(3, "0"),
    owner: node.owner,
    group: node.group,
    aclBit: node.acl !== null,
    ...(node.expires === null ? {} : { msExpirationTime: node.expires }),
  };
}

/** GETFILESTATUS */
export function getFileStatus(operation: PathOperation): void {
  demand(operation, "status");
  const status = statusOf(existing(operation), "");
  answerJson(operation.call, 200, JSON.stringify({ FileStatus: status }));
}

/** LISTSTATUS: up to `listSize` entries of a directory after `listAfter`. */
export function listStatus(operation: PathOperation): void {
  const { call, store } = operation;
  demand(operation, "list");
  const node = existing(operation);
  const limit = Math.min(count(call, "listsize", MAX_LIST, 1), MAX_LIST);
  const after = call.query.get("listafter") ?? "";
  const before = call.query.get("listbefore");
  const children = node.directory ? store.tree.children(node.id, after, limit + 1) : [];
  const inRange = before ? children.filter(({ name }) => name < before) : children;
  const page = inRange.slice(0, limit);
  const continuationToken = inRange.length > limit ? (page.at(-1)?.name ?? "") : "";
  const FileStatus = node.directory
    ? page.map((one) => statusOf(one, one.name))
    : [statusOf(node, "")];
  answerJson(call, 200, JSON.stringify({ FileStatuses: { FileStatus, continuationToken } }));
}

/** GETCONTENTSUMMARY */
export function getContentSummary(operation: PathOperation): void {
  const { call, store } = operation;
  demand(operation, "list");
  const node = existing(operation);
  const sum = { directoryCount: node.directory, fileCount: 1 - node.directory, length: node.size };
  if (node.directory) {
    for (const walked of walk(store.tree, { id: node.id, path: "" }, true)) {
      sum.directoryCount += walked.node.directory;
      sum.fileCount += 1 - walked.node.directory;
      sum.length += walked.node.size;
    }
  }
  const ContentSummary = { ...sum, spaceConsumed: sum.length, quota: -1, spaceQuota: -1 };
  answerJson(call, 200, JSON.stringify({ ContentSummary }));
}

/** MKDIRS */
export function makeDirectory(operation: PathOperation): void {
  const { node, store } = operation;
  if (node?.directory) demand(operation, "status");
  else {
    demand(operation, "create");
    if (node) throw refuse("PathAlreadyExists");
    store.tree.transact(() => putPath(operation, true, {}, requestedAccessOf(operation)));
  }
  answerBoolean(operation, true);
}

/** DELETE: answers false when nothing exists. */
export function remove(operation: PathOperation): void {
  const { call, store, node } = operation;
  demand(operation, "remove");
  if (!node) {
    answerBoolean(operation, false);
    return;
  }
  checkLease(call, node.lease, "write");
  if (call.names.length === 0) throw refuse("InvalidInput");
  const isFull = node.directory && store.tree.children(node.id, "", 1).length > 0;
  if (isFull && !flag(call, "recursive")) throw refuse("DirectoryNotEmpty");
  if (isFull && !isGranted(operation, "remove"))
    removeByAcl(operation, node, Number.POSITIVE_INFINITY);
  store.remove(operation.fileSystem, call.names, node);
  answerBoolean(operation, true);
}

/** RENAME: into an existing directory, never over a file; answers false when not possible. */
export function rename(operation: PathOperation): void {
  const { call, store } = operation;
  demand(operation, "moveFrom");
  const source = existing(operation);
  const text = call.query.get("destination");
  if (!text) throw refuse("MissingRequiredQueryParameter");
  const { names } = place(`/-/${encodeURIComponent(text)}`);
  const direct = locate({ ...operation, call: { ...call, names } });
  const own = call.names.at(-1) ?? "";
  const to = direct.node?.directory
    ? locate({ ...operation, call: { ...call, names: [...names, own] } })
    : direct;
  demand(to, "moveTo");
  const isInside = to.nodes.some(({ id }) => id === source.id);
  const holder = to.nodes.at(-1);
  const hasParent = to.nodes.length === to.call.names.length && holder?.directory === 1;
  const isPossible = !to.node && hasParent && !isInside && call.names.length > 0;
  if (isPossible && holder) {
    store.tree.change(source.id, { parent: holder.id, name: to.call.names.at(-1) ?? own });
  }
  answerBoolean(operation, isPossible || to.node?.id === source.id);
}
