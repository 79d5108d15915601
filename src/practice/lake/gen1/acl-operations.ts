import {
  type AclEntry,
  aclOf,
  asStored,
  entryText,
  mergeAcl,
  normaliseAcl,
  parseAcl,
  parseMode,
  readBits,
  removeFromAcl,
  withMode,
} from "../access/acl.ts";
import { demand, demandBits, demandGroup } from "../access/demand.ts";
import { existing, type PathOperation } from "../access/operation.ts";
import { answer, answerJson } from "../wire/answer.ts";
import { refuse } from "../wire/refusals.ts";

/** GETACLSTATUS: entries without those that `permission` has. */
export function getAclStatus(operation: PathOperation): void {
  demand(operation, "readAcl");
  const node = existing(operation);
  const all = node.acl === null ? [] : aclOf(node);
  const isShown = ({ isDefault, type, id }: AclEntry) => isDefault || id !== "" || type === "group";
  const AclStatus = {
    entries: all.filter(isShown).map(entryText),
    owner: node.owner,
    group: node.group,
    permission: (node.mode & 0o777).toString(8).padStart(3, "0"),
    stickyBit: (node.mode & 0o1000) !== 0,
  };
  answerJson(operation.call, 200, JSON.stringify({ AclStatus }));
}

/** CHECKACCESS: whether the caller has the permissions that `fsaction` names. */
export function checkAccess(operation: PathOperation): void {
  const { call } = operation;
  demand(operation, "status");
  const node = existing(operation);
  const text = call.query.get("fsaction") ?? "---";
  if (!/^[r-][w-][x-]$/.test(text)) throw refuse("InvalidInput");
  demandBits(operation, node, "write", readBits(text));
  answer(call, 200);
}

function change(
  operation: PathOperation,
  work: (entries: readonly AclEntry[]) => AclEntry[],
): void {
  const { call, store } = operation;
  demand(operation, "writeAcl");
  const node = existing(operation);
  const entries = work(aclOf(node));
  if (!node.directory && entries.some(({ isDefault }) => isDefault)) throw refuse("InvalidInput");
  store.tree.change(node.id, asStored(entries, node.mode));
  answer(call, 200);
}

function specOf({ call }: PathOperation, isRemoval = false): AclEntry[] {
  return parseAcl(call.query.get("aclspec") ?? "", isRemoval);
}

export function setAcl(operation: PathOperation): void {
  const entries = specOf(operation);
  change(operation, (current) => {
    // As in HDFS, default entries stay when none are given.
    const isDefaultGiven = entries.some(({ isDefault }) => isDefault);
    const kept = isDefaultGiven ? [] : current.filter(({ isDefault }) => isDefault);
    return normaliseAcl([...entries, ...kept]);
  });
}

export function modifyAclEntries(operation: PathOperation): void {
  change(operation, (current) => mergeAcl(current, specOf(operation)));
}

export function removeAclEntries(operation: PathOperation): void {
  change(operation, (current) => removeFromAcl(current, specOf(operation, true)));
}

export function removeDefaultAcl(operation: PathOperation): void {
  change(operation, (current) => normaliseAcl(current.filter(({ isDefault }) => !isDefault)));
}

export function removeAcl(operation: PathOperation): void {
  const isBase = ({ isDefault, type, id }: AclEntry) => !isDefault && id === "" && type !== "mask";
  change(operation, (current) => normaliseAcl(current.filter(isBase)));
}

export function setPermission(operation: PathOperation): void {
  const { call, store } = operation;
  demand(operation, "writeAcl");
  const node = existing(operation);
  const mode = parseMode((call.query.get("permission") ?? "").padStart(3, "0"));
  store.tree.change(node.id, withMode(node, mode));
  answer(call, 200);
}

export function setOwner(operation: PathOperation): void {
  const { call, store } = operation;
  const node = existing(operation);
  const owner = call.query.get("owner") || node.owner;
  const group = call.query.get("group") || node.group;
  if (owner !== node.owner || group === node.group) demand(operation, "changeOwner");
  else demandGroup(operation, node, group);
  store.tree.change(node.id, { owner, group });
  answer(call, 200);
}
