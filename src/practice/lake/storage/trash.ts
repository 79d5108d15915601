import type { DatabaseSync } from "node:sqlite";

/** A path that was deleted and can still be restored. */
export interface Deleted {
  /** Decimal digits, as the service gives them. */
  readonly id: string;
  readonly root: number;
  readonly path: string;
  readonly node: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly until: number;
}

const DAY = 86_400_000;
// 100 ns from 1601 to 1970.
const FILE_TIME_EPOCH = 116_444_736_000_000_000n;

/** What soft delete keeps. */
export class Trash {
  readonly #database: DatabaseSync;
  #nextPurge = 0;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** @returns the deletion id */
  put(root: number, path: string, node: number, days: number): string {
    const at = Date.now();
    const id = this.#freeId(at);
    this.#database
      .prepare("insert into deleted (id, root, path, node, at, until) values (?, ?, ?, ?, ?, ?)")
      .run(id, root, path, node, at, at + days * DAY);
    return id;
  }

  /** The time in 100 ns as Windows counts it, which has 18 digits, or as soon after it as is free. */
  #freeId(at: number): string {
    const taken = this.#database.prepare("select 1 from deleted where id = ?");
    for (let ticks = BigInt(at) * 10_000n + FILE_TIME_EPOCH; ; ticks++) {
      if (!taken.get(String(ticks))) return String(ticks);
    }
  }

  /** Deleted paths that start with `prefix`, in path order, behind `after` (a path and an id). */
  list(root: number, prefix: string, after: readonly [string, string], limit: number): Deleted[] {
    return this.#database
      .prepare(
        `select * from deleted where root = ? and substr(path, 1, length(?)) = ?
         and (path, id) > (?, ?) order by path, id limit ?`,
      )
      .all(root, prefix, prefix, ...after, limit) as unknown as Deleted[];
  }

  /** Takes a deleted path out again; undefined when there is none such. */
  take(root: number, path: string, id: string): Deleted | undefined {
    return this.#database
      .prepare("delete from deleted where root = ? and path = ? and id = ? returning *")
      .get(root, path, id) as Deleted | undefined;
  }

  /** Takes out what need not be kept any longer. */
  takeOutdated(): Deleted[] {
    const now = Date.now();
    if (now < this.#nextPurge) return [];
    this.#nextPurge = now + 1_000;
    return this.#database
      .prepare("delete from deleted where until <= ? returning *")
      .all(now) as unknown as Deleted[];
  }
}
