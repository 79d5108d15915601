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
 * @param prefix what the names directly in `directory` have to begin with
 */
export function* walk(
  tree: Tree,
  directory: { readonly id: number; readonly path: string },
  recursive: boolean,
  after: readonly string[] = [],
  prefix = "",
): Generator<Found, void, undefined> {
  const [first, ...rest] = after;
  const visit = function* (
    node: Node,
    behind?: readonly string[],
  ): Generator<Found, void, undefined> {
    const path = directory.path === "" ? node.name : `${directory.path}/${node.name}`;
    if (!behind) yield { node, path };
    if (recursive && node.directory) yield* walk(tree, { id: node.id, path }, true, behind);
  };
  const begin = first ?? prefix;
  const beginning = begin === "" ? undefined : tree.child(directory.id, begin);
  if (beginning) yield* visit(beginning, first === undefined ? undefined : rest);
  let last = begin;
  for (;;) {
    const page = tree.children(directory.id, last, PAGE);
    for (const node of page) {
      if (!node.name.startsWith(prefix)) return;
      yield* visit(node);
    }
    if (page.length < PAGE) return;
    last = page[PAGE - 1]?.name ?? "";
  }
}
