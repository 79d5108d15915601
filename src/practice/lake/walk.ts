import type { Node, Tree } from "./tree.ts";

/** A node met on a walk, and its path from the root of the file system. */
export interface Found {
  readonly node: Node;
  readonly path: string;
}

const PAGE = 1_000;

/**
 * Everything under a directory in path order: each directory before what lies in it, names by
 * code point. Asks the database for one page of one directory at a time.
 *
 * @param after names of the last path already seen, from `directory` on; the walk goes on behind it
 */
export function* walk(
  tree: Tree,
  directory: { readonly id: number; readonly path: string },
  recursive: boolean,
  after: readonly string[] = [],
): Generator<Found, void, undefined> {
  const [first, ...rest] = after;
  if (first !== undefined && recursive) {
    const node = tree.child(directory.id, first);
    if (node?.directory) {
      yield* walk(tree, { id: node.id, path: join(directory.path, first) }, true, rest);
    }
  }
  let last = first ?? "";
  for (;;) {
    const page = tree.children(directory.id, last, PAGE);
    for (const node of page) {
      const path = join(directory.path, node.name);
      yield { node, path };
      if (recursive && node.directory) yield* walk(tree, { id: node.id, path }, true);
    }
    if (page.length < PAGE) return;
    last = page[PAGE - 1]?.name ?? "";
  }
}

function join(directory: string, name: string): string {
  return directory === "" ? name : `${directory}/${name}`;
}
