import type { Refusal, RefusalReason } from "../../service-refusal.ts";
import type { Node } from "../storage/node.ts";
import type { Call } from "../wire/lake-call.ts";
import { refuse } from "../wire/refusals.ts";
import { ACTIONS, type ActionName, type WideActionName } from "./data-actions.ts";
import type { Operation, PathOperation } from "./operation.ts";
import { isSticky, lacksEntry } from "./permissions.ts";

/**
 * Refuses a caller who may not do this on a path. The one rule for every request on a path, after
 * the network rules: a signature has to allow it by its letters, its scope and its signer; then a
 * role does or, for who comes with a token, the access lists do. Access lists decide besides where
 * a signature names whom it is for.
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

/** Refuses a caller by its permissions, for these reasons. */
export function refusePermission(...reasons: readonly RefusalReason[]): Refusal {
  return refuse("AuthorizationPermissionMismatch").because(...reasons);
}

/** Whether roles or a signature alone allow this, so that access lists need no look. */
export function isGranted({ call, caller }: PathOperation, action: ActionName): boolean {
  if (caller.acl === "besides" || caller.bars?.(action, call.fileSystem, call.names)) return false;
  return caller.lacks(action, call.fileSystem) === undefined;
}

/** Refuses a caller whom neither a role nor the access lists on the way grant these bits. */
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

/** Refuses a listing of a directory to a caller held to access lists that do not open it. */
export function demandEntry({ caller, call }: PathOperation, node: Node, path: string): void {
  const denied = lacksEntry(node, caller, 5, `/${call.fileSystem}/${path}`);
  if (denied) throw refusePermission(denied);
}

/** Why a caller does not get through the directories above a path; undefined when they do. */
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

/** A path as the log of requests has it, as far as `depth` names. */
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
  // Whoever may write by a role needs no way through the directories to what is their own.
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
  // What is missing on the way would be made in the last directory that exists.
  if (!holder) {
    if (call.names.length === 0 && parent === 0) return undefined;
    return onlyOwner("access lists have no say over the root of a file system");
  }
  const outside = parent > 0 && lacksEntry(holder, caller, parent, pathOf(call, above.length - 1));
  if (outside) return outside;
  // What is moved over a path takes it away.
  const isTaken = action === "remove" || action === "moveFrom" || (action === "moveTo" && node);
  if (!isTaken || mayRemove(id, holder, node)) return undefined;
  return onlyOwner("the sticky bit of its directory leaves it to the owners of either");
}

/**
 * Refuses a caller who may not give a path to a group: its owner may give it to a group of their
 * own, and only super-users to any.
 */
export function demandGroup(operation: PathOperation, node: Node, group: string): void {
  const { caller } = operation;
  const isOwn = node.owner === caller.id && caller.groups.includes(group);
  demand(operation, isOwn ? "writeAcl" : "changeOwner");
}

/** In a directory with the sticky bit, only its owner and a path's own owner take the path away. */
export function mayRemove(id: string, holder: Node, node: Node | undefined): boolean {
  return !isSticky(holder) || holder.owner === id || node?.owner === id;
}
