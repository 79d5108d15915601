import type { Node } from "../storage/node.ts";
import { aclOf, bitsText, findEntry, STICKY } from "./acl.ts";
import type { Caller } from "./caller.ts";

/**
 * Permission bits as the service writes them: `rwxr-x---`, with `t` or `T` for the sticky bit and
 * `+` when there are more entries.
 */
export function permissionText({ mode, acl }: Pick<Node, "mode" | "acl">): string {
  const text = bitsText(mode >> 6) + bitsText(mode >> 3) + bitsText(mode);
  const sticky = mode & STICKY ? text.slice(0, 8) + (mode & 1 ? "t" : "T") : text;
  return acl === null ? sticky : `${sticky}+`;
}

/** Headers that tell who owns a path and what its mode is. */
export function ownerHeaders(node: Node, nameOf = (id: string) => id): Record<string, string> {
  return {
    "x-ms-owner": nameOf(node.owner),
    "x-ms-group": nameOf(node.group),
    "x-ms-permissions": permissionText(node),
  };
}

/** Whether a directory's sticky bit is set. */
export function isSticky({ mode }: Pick<Node, "mode">): boolean {
  return (mode & STICKY) !== 0;
}

/** Whether an access list lets somebody do something, by the documentation's "Access check algorithm". */
export function allows(
  node: Node,
  { id, groups }: Pick<Caller, "id" | "groups">,
  wanted: number,
): boolean {
  if (wanted === 0) return true;
  const has = (bits: number) => (bits & wanted) === wanted;
  const entries = aclOf(node).filter(({ isDefault }) => !isDefault);
  if (node.owner === id) return has(findEntry(entries, "user")?.bits ?? 0);
  const mask = findEntry(entries, "mask")?.bits ?? 7;
  const named = findEntry(entries, "user", id);
  if (named) return has(named.bits & mask);
  const shared = entries.filter(
    (entry) => entry.type === "group" && groups.includes(entry.id === "" ? node.group : entry.id),
  );
  // What several groups are granted adds up; others' bits are not asked for then.
  if (shared.length > 0) return has(shared.reduce((sum, { bits }) => sum | bits, 0) & mask);
  return has(findEntry(entries, "other")?.bits ?? 0);
}
