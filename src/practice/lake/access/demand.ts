import type { Refusal, RefusalReason } from "../../service-refusal.ts";
import type { Node } from "../storage/node.ts";
import type { Call } from "../wire/lake-call.ts";
import { refuse } from "../wire/refusals.ts";
import { ACTIONS, type ActionName, type WideActionName } from "./data-actions.ts";
import type { Operation, PathOperation } from "./operation.ts";
import { isSticky, lacksEntry } from "./permissions.ts";

/**
 * Refuses a caller who may not do this on a path. Applies to every request on a path, after the network
 * rules: a signature must allow it by its permissions, its scope and its signer; then a role must or,
 * for a caller with a token, the access lists. For a signature with an unauthorized object id
 * (`suoid`), the access lists must allow it as well.
 */
export function demand(operation: PathOperation, action: ActionName): void {
  const { call, caller } = operation;
  const barred = caller.bars?.(action, call.fileSystem, call.names);
  if (barred) throw refusePermission(barred);
  const lacking = caller.lacks(action, call.fileSystem);
  if (caller.acl === "besides") {
    const denied = lacking ?? lacksAcl(operation, action);
    if (denied) throw refusePermission(denied);
    return;
  }
  if (!lacking) return;
  const denied = caller.acl === "instead" ? lacksAcl(operation, action) : undefined;
  if (caller.acl === "instead" && !denied) return;
  throw refusePermission(lacking, ...(denied ? [denied] : []));
}

/** Refuses a caller who may not do this on a file system, or on the account. */
export function demandWide({ call, caller }: Operation, action: WideActionName): void {
  const lacking = caller.lacksWide(action, call.fileSystem);
  if (lacking) throw refusePermission(lacking);
}

/** The refusal of a caller, with the reasons for the request log. */
export function refusePermission(...reasons: readonly RefusalReason[]): Refusal {
  return refuse("AuthorizationPermissionMismatch").because(...reasons);
}

/** Whether roles or a signature alone allow this, without access lists. */
export function isGranted({ call, caller }: PathOperation, action: ActionName): boolean {
  if (caller.acl === "besides" || caller.bars?.(action, call.fileSystem, call.names)) return false;
  return caller.lacks(action, call.fileSystem) === undefined;
}

/** Refuses a caller to whom neither a role nor the access lists down to the path grant these bits. */
export function demandBits(operation: PathOperation, node: Node, action: ActionName, bits: number) {
  const { call, caller, nodes } = operation;
  const barred = caller.bars?.(action, call.fileSystem, call.names);
  if (barred) throw refusePermission(barred);
  const lacking = caller.lacks(action, call.fileSystem);
  if (!lacking && caller.acl !== "besides") return;
  if (lacking && caller.acl !== "instead") throw refusePermission(lacking);
  const denied =
    lacksWay(operation, nodes.slice(0, -1)) ?? lacksEntry(node, caller, bits, pathOf(call));
  if (denied) throw refusePermission(...(lacking ? [lacking] : []), denied);
}

/** Refuses to list a directory that its access list does not open to the caller. */
export function demandEntry({ caller, call }: PathOperation, node: Node, path: string): void {
  const denied = lacksEntry(node, caller, 5, `/${call.fileSystem}/${path}`);
  if (denied) throw refusePermission(denied);
}

/** Why a caller lacks execute permission on a directory above a path; undefined when not. */
function lacksWay(
  { caller, call }: PathOperation,
  above: readonly Node[],
): RefusalReason | undefined {
  for (const [depth, directory] of above.entries()) {
    const denied = lacksEntry(directory, caller, 1, pathOf(call, depth));
    if (denied) return denied;
  }
  return undefined;
}

/** A path, or its first `depth` names, for the request log. */
export function pathOf(call: Call, depth = call.names.length): string {
  const names = call.names.slice(0, depth);
  return `/${(call.dialect === "gen1" ? names : [call.fileSystem, ...names]).join("/")}`;
}

/** Why access lists do not let a caller do something; undefined when they do. */
function lacksAcl(operation: PathOperation, action: ActionName): RefusalReason | undefined {
  const { caller, nodes, node, call } = operation;
  const { id } = caller;
  const isOwner = node?.owner === id;
  const onlyOwner = (why: string): RefusalReason => {
    return { by: "owner", path: pathOf(call), owner: node?.owner ?? "", why };
  };
  // An owner with a role that may write needs no execute permission on the directories above.
  if (action === "writeAcl" && isOwner && isGranted(operation, "write")) return undefined;
  const above = node ? nodes.slice(0, -1) : nodes;
  const barred = lacksWay(operation, above);
  if (barred) return barred;
  if (action === "writeAcl") {
    return isOwner ? undefined : onlyOwner("only its owner changes the access list of a path");
  }
  if (action === "changeOwner") return onlyOwner("only super-users change the owner of a path");
  const { self, parent } = ACTIONS[action];
  const denied = node && lacksEntry(node, caller, self, pathOf(call));
  if (denied) return denied;
  const holder = above.at(-1);
  // Missing directories are created in the last one that exists.
  if (!holder) {
    if (call.names.length === 0 && parent === 0) return undefined;
    return onlyOwner("access lists do not apply to the root of a file system");
  }
  const outside = parent > 0 && lacksEntry(holder, caller, parent, pathOf(call, above.length - 1));
  if (outside) return outside;
  // Moving over a path removes it.
  const isTaken = action === "remove" || action === "moveFrom" || (action === "moveTo" && node);
  if (!isTaken || mayRemove(id, holder, node)) return undefined;
  return onlyOwner("its directory has the sticky bit: only the owner of either may");
}

/**
 * Refuses a caller who may not set the owning group: the owner may set a group that they are in, a
 * super-user any.
 */
export function demandGroup(operation: PathOperation, node: Node, group: string): void {
  const { caller } = operation;
  const isOwn = node.owner === caller.id && caller.groups.includes(group);
  demand(operation, isOwn ? "writeAcl" : "changeOwner");
}

/** Whether the sticky bit lets somebody remove a path: only its owner, and that of the directory. */
export function mayRemove(id: string, holder: Node, node: Node | undefined): boolean {
  return !isSticky(holder) || holder.owner === id || node?.owner === id;
}
