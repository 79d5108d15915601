import { asStored, inherit, parseAcl, parseMode, wholeAcl } from "../access/acl.ts";
import { demand, isGranted } from "../access/demand.ts";
import type { PathOperation } from "../access/operation.ts";
import type { Node, NodeChange } from "../storage/node.ts";
import { header } from "../wire/lake-call.ts";
import { refuse } from "../wire/refusals.ts";

const DEFAULT_UMASK = 0o027;

/** Permissions that a request sets on a new path. */
export interface RequestedAccess {
  readonly mode?: number;
  readonly umask: number;
}

function requestedAccessOf({ call }: PathOperation): RequestedAccess {
  const permissions = header(call, "x-ms-permissions");
  const umask = header(call, "x-ms-umask");
  return {
    ...(permissions === undefined ? {} : { mode: parseMode(permissions) }),
    umask: umask === undefined ? DEFAULT_UMASK : parseMode(umask) & 0o777,
  };
}

/** Mode and access list of a new node in `parent`, whose default entries override the umask. */
function accessIn(
  parent: Node,
  isDirectory: boolean,
  requested: RequestedAccess,
): Pick<Node, "mode" | "acl"> {
  const mode = requested.mode ?? (isDirectory ? 0o777 : 0o666);
  // Default entries may grant `x` on a file; only a requested mode restricts it.
  const inherited = inherit(parent, isDirectory, requested.mode ?? 0o777);
  return inherited ?? { mode: mode & ~requested.umask, acl: null };
}

/**
 * Creates the operation's path and its parents, or replaces the file that exists.
 *
 * @param requested permissions of the request, which Gen1 does not have in headers
 */
export function putPath(
  operation: PathOperation,
  isDirectory: boolean,
  given: Pick<NodeChange, "headers" | "metadata" | "size" | "expires">,
  requested: RequestedAccess = requestedAccessOf(operation),
): Node {
  const { store, call } = operation;
  const { tree } = store;
  const current = tree.resolve(operation.fileSystem.root, call.names);
  const node = current.length === call.names.length + 1 ? current.at(-1) : undefined;
  if (node && Boolean(node.directory) !== isDirectory) throw refuse("PathConflict");
  if (node) {
    const namesAccess = ["x-ms-permissions", "x-ms-umask", "x-ms-acl"].some((name) =>
      header(call, name),
    );
    // Whoever may remove a file may replace it with other permissions.
    if (!isDirectory && namesAccess && !isGranted(operation, "remove"))
      demand(operation, "writeAcl");
    const fresh = isDirectory
      ? {}
      : { size: 0, created: Date.now(), expires: null, lease: node.lease };
    tree.touch(node.id, {
      ...fresh,
      ...given,
      ...(!isDirectory && replacedAccess(operation, requested)),
    });
    store.copies.forget(node.id);
    if (!isDirectory) setGivenAccess(operation, node);
    return tree.byId(node.id) ?? node;
  }
  return tree.transact(() => {
    const parent = makeParents(operation);
    const made = tree.add({
      ...given,
      ...accessIn(parent, isDirectory, requested),
      parent: parent.id,
      name: call.names.at(-1) ?? "",
      directory: isDirectory ? 1 : 0,
      owner: operation.caller.id,
      group: parent.group,
    });
    return setGivenAccess(operation, made);
  });
}

/** Mode of a replaced file, when the request names one. */
function replacedAccess(
  { call }: PathOperation,
  requested: RequestedAccess,
): Partial<Pick<Node, "mode" | "acl">> {
  const isAsked = header(call, "x-ms-permissions") ?? header(call, "x-ms-umask");
  return isAsked === undefined
    ? {}
    : { mode: (requested.mode ?? 0o666) & ~requested.umask, acl: null };
}

/** Sets the owner, group and access list that a request has for a new path. */
function setGivenAccess(operation: PathOperation, made: Node): Node {
  const { call, store } = operation;
  const owner = header(call, "x-ms-owner");
  const group = header(call, "x-ms-group");
  const acl = header(call, "x-ms-acl");
  if (owner === undefined && group === undefined && acl === undefined) {
    return made;
  }
  if (owner !== undefined) demand(operation, "changeOwner");
  const list = acl === undefined ? {} : asStored(wholeAcl(parseAcl(acl), made), made.mode);
  store.tree.change(made.id, {
    ...list,
    ...(owner === undefined ? {} : { owner }),
    ...(group === undefined ? {} : { group }),
  });
  return store.tree.byId(made.id) ?? made;
}

/** The parent directory of the operation's path; missing ones are created. */
export function makeParents(operation: PathOperation): Node {
  const { call, store, caller } = operation;
  // Looked up again: another request may have created them.
  const nodes = store.tree.resolve(operation.fileSystem.root, call.names.slice(0, -1));
  let parent = nodes.at(-1);
  if (!parent) throw refuse("FilesystemNotFound");
  for (const name of call.names.slice(nodes.length - 1, -1)) {
    if (!parent.directory) break;
    const access = accessIn(parent, true, { umask: DEFAULT_UMASK });
    const common = { directory: 1, owner: caller.id, group: parent.group, ...access };
    parent = store.tree.add({ ...common, parent: parent.id, name });
  }
  if (!parent.directory) throw refuse("PathConflict");
  return parent;
}
