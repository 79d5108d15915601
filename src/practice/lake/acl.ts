import type { Node } from "./tree.ts";

/** Permission bits as the service writes them: `rwxr-x---`, with `t` or `T` for the sticky bit and `+` when more entries exist. */
export function permissionText(node: Pick<Node, "mode" | "acl">): string {
  const { mode } = node;
  const triad = (bits: number) =>
    `${bits & 4 ? "r" : "-"}${bits & 2 ? "w" : "-"}${bits & 1 ? "x" : "-"}`;
  const text = triad(mode >> 6) + triad(mode >> 3) + triad(mode);
  const sticky = mode & 0o1000 ? text.slice(0, 8) + (mode & 1 ? "t" : "T") : text;
  return node.acl === null ? sticky : `${sticky}+`;
}

/** Headers that tell who owns a path and what its mode is. */
export function ownerHeaders(node: Node): Record<string, string> {
  return {
    "x-ms-owner": node.owner,
    "x-ms-group": node.group,
    "x-ms-permissions": permissionText(node),
  };
}
