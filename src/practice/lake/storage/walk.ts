import type { Node } from "./node.ts";
import type { Tree } from "./tree.ts";

/** A node met on a walk, and its path from the root of the file system. */
export interface WalkedNode {
  readonly node: Node;
  readonly path: string;
}

/** A directory on the way of the walk, and the last name seen in it. */
interface Level {
  readonly id: number;
  /** Path with a slash at its end; empty for the root. */
  readonly path: string;
  readonly prefix: string;
  page: readonly Node[];
  index: number;
}

const PAGE = 1_000;

/**
 * Everything below a directory in path order: a directory before what lies in it, names by code
 * point. Reads the database in pages of one directory.
 *
 * @param after names of the last path already seen, below `directory`
 * @param prefix start of the names directly in `directory`
 */
export function* walk(
  tree: Tree,
  directory: { readonly id: number; readonly path: string },
  recursive: boolean,
  after: readonly string[] = [],
  prefix = "",
): Generator<WalkedNode, void, undefined> {
  const path = directory.path === "" ? "" : `${directory.path}/`;
  const levels = resume(tree, { id: directory.id, path, prefix }, recursive, after);
  for (let level = levels.at(-1); level; level = levels.at(-1)) {
    const node = level.page[level.index++];
    if (!node) {
      const last = level.page.length === PAGE ? level.page[PAGE - 1] : undefined;
      if (last) turnPage(level, tree.children(level.id, last.name, PAGE));
      else levels.pop();
    } else if (node.name.startsWith(level.prefix)) {
      const walked = { node, path: level.path + node.name };
      yield walked;
      if (recursive && node.directory) {
        const page = tree.children(node.id, "", PAGE);
        levels.push({ id: node.id, path: `${walked.path}/`, prefix: "", page, index: 0 });
      }
    } else {
      levels.pop();
    }
  }
}

function turnPage(level: Level, page: readonly Node[]): void {
  level.page = page;
  level.index = 0;
}

/** The directories from the top down to where a walk continues. */
function resume(
  tree: Tree,
  top: Pick<Level, "id" | "path" | "prefix">,
  recursive: boolean,
  after: readonly string[],
): Level[] {
  const [first, ...rest] = after;
  if (first === undefined) {
    // A name that equals the prefix comes first.
    const own = top.prefix === "" ? undefined : tree.child(top.id, top.prefix);
    const page = tree.children(top.id, top.prefix, own ? PAGE - 1 : PAGE);
    return [{ ...top, page: own ? [own, ...page] : page, index: 0 }];
  }
  const level = { ...top, page: tree.children(top.id, first, PAGE), index: 0 };
  const passed = recursive ? tree.child(top.id, first) : undefined;
  if (!passed?.directory) return [level];
  const below = { id: passed.id, path: `${top.path}${first}/`, prefix: "" };
  return [level, ...resume(tree, below, true, rest)];
}
