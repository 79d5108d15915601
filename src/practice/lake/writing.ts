import { demand } from "./access.ts";
import { answer } from "./answer.ts";
import { count, flag, header } from "./call.ts";
import { checkConditions } from "./conditions.ts";
import { existing, type PathOperation } from "./operation.ts";
import { SUPER_USER } from "./owner.ts";
import { contentHeadersOf, metadataOf, versionHeaders } from "./properties.ts";
import { refuse, refuseQuery } from "./refusals.ts";
import type { Node, NodeChange } from "./tree.ts";

/** PUT ?resource=file|directory: makes a path, or makes a file anew. */
export async function createPath(operation: PathOperation): Promise<void> {
  const { call, caller, node } = operation;
  demand(caller, "write", call.fileSystem);
  const resource = call.query.get("resource") ?? "";
  if (resource !== "file" && resource !== "directory") throw refuseQuery("resource", resource);
  const isDirectory = resource === "directory";
  checkConditions(call, node);
  if (node && Boolean(node.directory) !== isDirectory) throw refuse("PathConflict");
  const given = { headers: contentHeadersOf(call, "x-ms-"), metadata: metadataOf(call) };
  const made = await putNode(operation, isDirectory, given);
  answer(call, 201, { ...versionHeaders(made), "x-ms-request-server-encrypted": "true" });
}

/** Makes a node at the operation's path, its parents too, or empties the file that is there. */
export async function putNode(
  operation: PathOperation,
  isDirectory: boolean,
  given: Pick<NodeChange, "headers" | "metadata">,
): Promise<Node> {
  const { store, node } = operation;
  const { tree } = store;
  if (node) {
    if (!isDirectory) await store.truncate(node);
    tree.touch(node.id, { ...given, ...(isDirectory ? {} : { size: 0, created: Date.now() }) });
    return tree.byId(node.id) ?? node;
  }
  return tree.transact(() => {
    const parent = makeParents(operation);
    return tree.add({
      ...given,
      parent: parent.id,
      name: operation.call.names.at(-1) ?? "",
      directory: isDirectory ? 1 : 0,
      owner: ownerOf(operation),
      group: parent.group,
      mode: isDirectory ? 0o750 : 0o640,
    });
  });
}

/** The directory that is to hold the operation's path, made as far as it is missing. */
export function makeParents(operation: PathOperation): Node {
  const { call, store } = operation;
  // Looked up anew: another request may have made them since.
  const found = store.tree.resolve(operation.fileSystem.root, call.names.slice(0, -1));
  let parent = found.at(-1);
  if (!parent) throw refuse("FilesystemNotFound");
  for (const name of call.names.slice(found.length - 1, -1)) {
    if (!parent.directory) break;
    const owner = ownerOf(operation);
    const common = { directory: 1, owner, group: parent.group, mode: 0o750 };
    parent = store.tree.add({ ...common, parent: parent.id, name });
  }
  if (!parent.directory) throw refuse("PathConflict");
  return parent;
}

function ownerOf({ caller }: PathOperation): string {
  return caller.principal?.id ?? SUPER_USER;
}

/** PATCH ?action=append: writes bytes that a later flush publishes. */
export async function append(operation: PathOperation): Promise<void> {
  const { call, caller, store } = operation;
  demand(caller, "write", call.fileSystem);
  const file = existingFile(operation);
  const position = required(operation, "position");
  if (header(call, "x-ms-structured-body")) throw refuse("InvalidHeaderValue");
  await store.uploads.append(file, position, call.request, header(call, "content-md5"));
  const headers = { "x-ms-request-server-encrypted": "true" };
  if (!flag(call, "flush", false)) {
    answer(call, 202, headers);
    return;
  }
  const end = await store.uploads.length(file);
  await store.uploads.flush(file, end, false);
  answer(call, 202, { ...headers, ...versionHeaders(store.tree.byId(file.id) ?? file) });
}

/** PATCH ?action=flush: publishes what was appended. */
export async function flush(operation: PathOperation): Promise<void> {
  const { call, caller, store } = operation;
  demand(caller, "write", call.fileSystem);
  const file = existingFile(operation);
  checkConditions(call, file);
  const position = required(operation, "position");
  await store.uploads.flush(file, position, flag(call, "retainUncommittedData", false));
  const headers = contentHeadersOf(call, "x-ms-");
  if (headers !== null) store.tree.change(file.id, { headers });
  const flushed = store.tree.byId(file.id) ?? file;
  answer(call, 200, { ...versionHeaders(flushed), "x-ms-request-server-encrypted": "true" });
}

function existingFile(operation: PathOperation): Node {
  const node = existing(operation);
  if (node.directory) throw refuse("PathConflict");
  return node;
}

function required({ call }: PathOperation, name: string): number {
  if (!call.query.has(name)) throw refuse("MissingRequiredQueryParameter");
  return count(call, name, 0);
}

/** PATCH ?action=setProperties: replaces metadata, and content headers that are given. */
export function setProperties(operation: PathOperation): void {
  const { call, caller, store } = operation;
  demand(caller, "write", call.fileSystem);
  const node = existing(operation);
  checkConditions(call, node);
  const headers = contentHeadersOf(call, "x-ms-");
  const change = { ...(headers === null ? {} : { headers }), metadata: metadataOf(call) };
  store.tree.touch(node.id, change);
  answer(call, 200, versionHeaders(store.tree.byId(node.id) ?? node));
}

/** DELETE on a path. */
export function removePath(operation: PathOperation): void {
  const { call, caller, store } = operation;
  demand(caller, "write", call.fileSystem);
  const node = existing(operation);
  checkConditions(call, node);
  if (call.names.length === 0) throw refuse("InvalidUri");
  const isRecursive = call.dialect === "dfs" && flag(call, "recursive", false);
  if (node.directory && !isRecursive && store.tree.children(node.id, "", 1).length > 0) {
    throw refuse("DirectoryNotEmpty");
  }
  store.detach(node);
  answer(call, call.dialect === "blob" ? 202 : 200, { "x-ms-delete-type-permanent": "true" });
}
