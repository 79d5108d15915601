import type { Node } from "../storage/node.ts";
import type { Operation, PathOperation } from "../wire/operation.ts";
import { refuse } from "../wire/refusals.ts";
import { ACTIONS, type ActionName, type WideActionName } from "./actions.ts";
import { allows, isSticky } from "./permissions.ts";

/** Refuses a caller who may not do this on a path. */
export function demand(operation: PathOperation, action: ActionName): void {
  const { call, caller } = operation;
  if (caller.may(action, call.fileSystem, call.names)) return;
  if (caller.isHeldToAcl && aclAllows(operation, action)) return;
  throw refuse("AuthorizationPermissionMismatch");
}

/** Refuses a caller who may not do this on a file system, or on the account. */
export function demandWide({ call, caller }: Operation, action: WideActionName): void {
  if (!caller.mayWide(action, call.fileSystem)) throw refuse("AuthorizationPermissionMismatch");
}

/** Whether roles or a signature alone allow this, so that access lists need no look. */
export function isGranted({ call, caller }: PathOperation, action: ActionName): boolean {
  return caller.may(action, call.fileSystem, call.names);
}

function aclAllows(operation: PathOperation, action: ActionName): boolean {
  const { caller, found, node, call } = operation;
  const { id } = caller;
  // Whoever may write by a role needs no way through the directories to what is their own.
  if (action === "writeAcl" && node?.owner === id && isGranted(operation, "write")) return true;
  const above = node ? found.slice(0, -1) : found;
  if (!above.every((directory) => allows(directory, caller, 1))) return false;
  if (action === "writeAcl") return node?.owner === id;
  if (action === "changeOwner") return false;
  const { self, parent } = ACTIONS[action];
  if (node && !allows(node, caller, self)) return false;
  const holder = above.at(-1);
  // What is missing on the way would be made in the last directory that exists.
  if (!holder) return call.names.length === 0 && parent === 0;
  if (parent > 0 && !allows(holder, caller, parent)) return false;
  return action === "remove" || action === "moveFrom" ? mayTake(id, holder, node) : true;
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
export function mayTake(id: string, holder: Node, node: Node | undefined): boolean {
  return !isSticky(holder) || holder.owner === id || node?.owner === id;
}
