import type { DatabaseSync, StatementSync } from "node:sqlite";
import { idOfSnapshots, KEPT, REMOVED } from "./tree.ts";

/** Paths of nodes, for messages. */
export class NodeNames {
  readonly #node: StatementSync;
  readonly #root: StatementSync;
  readonly #deleted: StatementSync;

  constructor(database: DatabaseSync) {
    this.#node = database.prepare("select parent, name from nodes where id = ?");
    this.#root = database.prepare(
      `select name, '' as version from filesystems where root = ?
       union all select name, version from deleted_filesystems where root = ?`,
    );
    this.#deleted = database.prepare("select root, path, id from deleted where node = ?");
  }

  /**
   * `raw/sales/a.csv`, with `?snapshot=` or `?deletionid=` where needed.
   *
   * @returns undefined for a removed node
   */
  of(node: number): string | undefined {
    const row = this.#node.get(node) as { parent: number; name: string } | undefined;
    if (!row || row.parent === REMOVED) return undefined;
    if (row.parent === 0) return this.#nameOfRoot(node);
    if (row.parent === KEPT) return this.#nameOfDeleted(node);
    const owner = idOfSnapshots(row.parent);
    if (owner === undefined) return join(this.of(row.parent), `/${row.name}`);
    return join(this.of(owner), `?snapshot=${row.name}`);
  }

  #nameOfRoot(root: number): string | undefined {
    const row = this.#root.get(root, root) as { name: string; version: string } | undefined;
    return row && (row.version === "" ? row.name : `${row.name}?version=${row.version}`);
  }

  #nameOfDeleted(node: number): string | undefined {
    const row = this.#deleted.get(node) as { root: number; path: string; id: string } | undefined;
    return row && join(this.#nameOfRoot(row.root), `/${row.path}?deletionid=${row.id}`);
  }
}

function join(path: string | undefined, rest: string): string | undefined {
  return path === undefined ? undefined : path + rest;
}
