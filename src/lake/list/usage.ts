import { bytesText } from "../../core/quantity-text.ts";
import type { LakeEntry, LakeUsage } from "../lake.ts";
import { nameOf, parentOf } from "../url/location.ts";

export async function addUp(entries: AsyncIterable<LakeEntry>): Promise<LakeUsage> {
  let [files, directories, bytes] = [0, 0, 0];
  for await (const { kind, size } of entries) {
    if (kind === "file") files++;
    else directories++;
    bytes += size;
  }
  return { files, directories, bytes };
}

/**
 * Draws entries that come in path order, each directory before what lies in it.
 *
 * @param root the first line
 * @param base directory that all of them lie in
 */
export function drawTree(root: string, base: string, entries: readonly LakeEntry[]): string {
  const children = new Map<string, LakeEntry[]>();
  for (const entry of entries) {
    const parent = parentOf(entry.path);
    const siblings = children.get(parent);
    if (siblings) siblings.push(entry);
    else children.set(parent, [entry]);
  }
  const lines = [root];
  const draw = (directory: string, indent: string) => {
    const inside = children.get(directory) ?? [];
    for (const [index, { path, kind, size }] of inside.entries()) {
      const last = index === inside.length - 1;
      const label =
        kind === "directory" ? `${nameOf(path)}/` : `${nameOf(path)}  ${bytesText(size)}`;
      lines.push(`${indent}${last ? "└── " : "├── "}${label}`);
      if (kind === "directory") draw(path, `${indent}${last ? "    " : "│   "}`);
    }
  };
  draw(base, "");
  return lines.join("\n");
}
