import type { DatabaseSync } from "node:sqlite";
import { asNode, COLUMNS, type NewNode, type Node, type NodeChange, valuesOf } from "./node.ts";

// .NET ticks (100 ns since the year 1) at 1970: Azure's ETags count in them.
const TICKS_AT_EPOCH = 621_355_968_000_000_000n;

/**
 * Parent id of the snapshots of a file. Negative ids are outside of the tree; those close to 0 have
 * other uses.
 */
export function snapshotsBelow(id: number): number {
  return -1_000 - id;
}

/** The file whose snapshots have this parent id; undefined for any other parent. */
export function idOfSnapshots(parent: number): number | undefined {
  return parent <= -1_000 ? -1_000 - parent : undefined;
}

/** Parent of removed nodes until their rows are removed. */
export const REMOVED = -1;
/** Parent of soft-deleted nodes. */
export const KEPT = -3;

/** Most directories in the cache. */
const MAX_DIRECTORIES = 10_000;

const placeOf = (parent: number, name: string) => `${parent}/${name}`;

/** The hierarchy of names under every file system of the lake. */
export class Tree {
  readonly database: DatabaseSync;
  readonly #child;
  readonly #byId;
  readonly #children;
  readonly #expired;
  readonly #insert;
  readonly #delete;
  readonly #begin;
  readonly #commit;
  readonly #directories = new Map<number, Node>();
  readonly #places = new Map<string, Node>();
  #nextId: number;
  #lastTick = 0n;

  constructor(database: DatabaseSync) {
    this.database = database;
    const select = (rest: string) => {
      const statement = database.prepare(`select ${COLUMNS} from nodes where ${rest}`);
      // Takes half the time of rows as objects, which shows in listings.
      statement.setReturnArrays(true);
      return statement;
    };
    this.#child = select("parent = ? and name = ?");
    this.#byId = select("id = ?");
    this.#children = select("parent = ? and name > ? order by name limit ?");
    this.#expired = select("expires <= ? and parent > 0");
    this.#insert = database.prepare(
      `insert into nodes (${COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#delete = database.prepare("delete from nodes where id = ?");
    this.#begin = database.prepare("begin immediate");
    this.#commit = database.prepare("commit");
    const { last } = database.prepare("select max(id) as last from nodes").get() as {
      last: number | null;
    };
    this.#nextId = (last ?? 0) + 1;
  }

  /** A new ETag, unquoted; never the same twice. */
  tag(): string {
    const now = BigInt(Date.now()) * 10_000n + TICKS_AT_EPOCH;
    this.#lastTick = now > this.#lastTick ? now : this.#lastTick + 1n;
    return `0x${this.#lastTick.toString(16).toUpperCase()}`;
  }

  newId(): number {
    return this.#nextId++;
  }

  get lastId(): number {
    return this.#nextId - 1;
  }

  child(parent: number, name: string): Node | undefined {
    const known = this.#places.get(placeOf(parent, name));
    if (known) return known;
    const row = this.#child.get(parent, name);
    return row && this.#remember(asNode(row));
  }

  byId(id: number): Node | undefined {
    const known = this.#directories.get(id);
    if (known) return known;
    const row = this.#byId.get(id);
    return row && this.#remember(asNode(row));
  }

  /** Caches a directory: most requests pass through the same few. */
  #remember(node: Node): Node {
    // Not within a transaction, which may be rolled back.
    if (!node.directory || this.database.isTransaction) return node;
    if (this.#directories.size >= MAX_DIRECTORIES) this.#forget();
    this.#directories.set(node.id, node);
    this.#places.set(placeOf(node.parent, node.name), node);
    return node;
  }

  #forget(): void {
    this.#directories.clear();
    this.#places.clear();
  }

  /** Entries of a directory whose names come after `after`, in order. */
  children(parent: number, after: string, limit: number): Node[] {
    return this.#children.all(parent, after, limit).map(asNode);
  }

  /** Expired nodes, and when the next one expires. */
  expired(now: number): { expired: Node[]; next: number } {
    const expired = this.#expired.all(now).map(asNode);
    const { next } = this.#prepared(
      "select min(expires) as next from nodes where expires > ? and parent > 0",
    ).get(now) as { next: number | null };
    return { expired, next: next ?? Number.POSITIVE_INFINITY };
  }

  /** Every node from the root to the path's end, or as far as the path exists. */
  resolve(root: number, names: readonly string[]): Node[] {
    const start = this.byId(root);
    const nodes: Node[] = start ? [start] : [];
    for (const name of names) {
      const above = nodes.at(-1);
      const next = above?.directory ? this.child(above.id, name) : undefined;
      if (!next) break;
      nodes.push(next);
    }
    return nodes;
  }

  add(node: NewNode): Node {
    const now = Date.now();
    const made: Node = {
      id: this.newId(),
      parent: node.parent,
      name: node.name,
      directory: node.directory,
      size: node.size ?? 0,
      etag: this.tag(),
      created: now,
      modified: now,
      owner: node.owner,
      group: node.group,
      mode: node.mode,
      acl: node.acl ?? null,
      headers: node.headers ?? null,
      metadata: node.metadata ?? null,
      lease: null,
      expires: node.expires ?? null,
    };
    this.#insert.run(...valuesOf(made));
    return made;
  }

  /** Changes some columns of a node, and only those. */
  change(id: number, change: NodeChange): void {
    if (this.#directories.has(id)) this.#forget();
    const names = Object.keys(change) as (keyof NodeChange)[];
    const sets = names.map((name) => `"${name}" = ?`).join(", ");
    this.#prepared(`update nodes set ${sets} where id = ?`).run(
      ...names.map((name) => change[name] ?? null),
      id,
    );
  }

  /**
   * Gives a node a new ETag and time, beside other changes.
   *
   * @returns the new ETag and time
   */
  touch(id: number, change: NodeChange = {}): Pick<Node, "etag" | "modified"> {
    const version = { etag: this.tag(), modified: Date.now() };
    this.change(id, { ...change, ...version });
    return version;
  }

  remove(id: number): void {
    if (this.#directories.has(id)) this.#forget();
    this.#delete.run(id);
  }

  /** Runs `work` in a transaction. */
  transact<T>(work: () => T): T {
    if (this.database.isTransaction) return work();
    this.#begin.run();
    try {
      const result = work();
      this.#commit.run();
      return result;
    } catch (error) {
      // On a full disk SQLite has rolled it back itself.
      if (this.database.isTransaction) this.database.exec("rollback");
      throw error;
    }
  }

  readonly #statements = new Map<string, ReturnType<DatabaseSync["prepare"]>>();

  #prepared(sql: string) {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** Snapshots of a file that were taken after `after`, oldest first. */
export function* snapshotsOf(
  { tree }: { readonly tree: Tree },
  { id }: Node,
  after = "",
): Generator<Node, void, undefined> {
  const page = 1_000;
  for (let last = after; ; ) {
    const snapshots = tree.children(snapshotsBelow(id), last, page);
    yield* snapshots;
    if (snapshots.length < page) return;
    last = snapshots.at(-1)?.name ?? last;
  }
}
