import type { RefusalReason } from "../../service-refusal.ts";
import type { Node } from "../storage/node.ts";
import { type AclEntry, aclOf, aclText, bitsText, findEntry, STICKY } from "./acl.ts";
import type { Caller } from "./request-caller.ts";

/**
 * Permission bits as the service writes them: `rwxr-x---`, with `t` or `T` for the sticky bit and
 * `+` when there are more entries.
 */
export function permissionText({ mode, acl }: Pick<Node, "mode" | "acl">): string {
  const text = bitsText(mode >> 6) + bitsText(mode >> 3) + bitsText(mode);
  const sticky = mode & STICKY ? text.slice(0, 8) + (mode & 1 ? "t" : "T") : text;
  return acl === null ? sticky : `${sticky}+`;
}

/** Headers with the owner, the group and the mode of a path. */
export function ownerHeaders(node: Node, nameOf = (id: string) => id): Record<string, string> {
  return {
    "x-ms-owner": nameOf(node.owner),
    "x-ms-group": nameOf(node.group),
    "x-ms-permissions": permissionText(node),
  };
}

/** The whole access list of a node, as `x-ms-acl` has it. */
export function shownAcl(node: Node, nameOf = (id: string) => id): string {
  const { mode } = node;
  if (node.acl === null) {
    return `user::${bitsText(mode >> 6)},group::${bitsText(mode >> 3)},other::${bitsText(mode)}`;
  }
  return aclText(aclOf(node).map((entry) => ({ ...entry, id: entry.id && nameOf(entry.id) })));
}

/** Whether a directory's sticky bit is set. */
export function isSticky({ mode }: Pick<Node, "mode">): boolean {
  return (mode & STICKY) !== 0;
}

/** Whether an access list grants a caller the bits `needed`. */
export function allows(node: Node, caller: Pick<Caller, "id" | "groups">, needed: number): boolean {
  return needed === 0 || (decide(node, caller).bits & needed) === needed;
}

/** Why an access list does not grant a caller the bits `needed`; undefined when it does. */
export function lacksEntry(
  node: Node,
  caller: Pick<Caller, "id" | "groups">,
  needed: number,
  path: string,
): RefusalReason | undefined {
  if (allows(node, caller, needed)) return undefined;
  const { entries, bits } = decide(node, caller);
  const entry = aclText(entries);
  return { by: "acl", path, entry, grants: bitsText(bits), needs: bitsText(needed) };
}

/**
 * The entries of an access list that apply to a caller, and the bits that they grant; by the
 * documentation's "Access check algorithm".
 */
function decide(
  node: Node,
  { id, groups }: Pick<Caller, "id" | "groups">,
): { readonly entries: readonly AclEntry[]; readonly bits: number } {
  const entries = aclOf(node).filter(({ isDefault }) => !isDefault);
  const only = (entry: AclEntry | undefined, mask = 7) => ({
    entries: entry ? [entry] : [],
    bits: (entry?.bits ?? 0) & mask,
  });
  if (node.owner === id) return only(findEntry(entries, "user"));
  const mask = findEntry(entries, "mask")?.bits ?? 7;
  const named = findEntry(entries, "user", id);
  if (named) return only(named, mask);
  const shared = entries.filter(
    (entry) => entry.type === "group" && groups.includes(entry.id === "" ? node.group : entry.id),
  );
  // The bits of several groups add up; those of others do not apply then.
  if (shared.length > 0) {
    return { entries: shared, bits: shared.reduce((sum, { bits }) => sum | bits, 0) & mask };
  }
  return only(findEntry(entries, "other"));
}
