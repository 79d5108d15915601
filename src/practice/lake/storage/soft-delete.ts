import type { DatabaseSync } from "node:sqlite";
import type { FileSystem } from "./file-systems.ts";

/** Time of a deletion and end of its retention, in milliseconds since 1970. */
export interface Deletion {
  readonly at: number;
  readonly until: number;
}

/** A soft-deleted path. */
export interface Deleted extends Deletion {
  /** Decimal digits. */
  readonly id: string;
  readonly root: number;
  readonly path: string;
  readonly node: number;
}

export interface DeletedFileSystem extends FileSystem, Deletion {
  /** 16 hexadecimal digits, different for each of a name. */
  readonly version: string;
}

const DAY = 86_400_000;
// 100 ns from 1601, where Windows starts to count, to 1970.
const FILE_TIME_EPOCH = 116_444_736_000_000_000n;

/** Soft-deleted rows of one table of an account's database. */
class SoftDelete<T extends Deletion> {
  protected readonly database: DatabaseSync;
  readonly #table: string;
  #nextPurge = 0;

  constructor(database: DatabaseSync, table: string) {
    this.database = database;
    this.#table = table;
  }

  /** Removes rows after their retention, and returns them. */
  takeOutdated(): T[] {
    const now = Date.now();
    if (now < this.#nextPurge) return [];
    this.#nextPurge = now + 1_000;
    return this.database
      .prepare(`delete from ${this.#table} where until <= ? returning *`)
      .all(now) as unknown as T[];
  }

  /** A free id: the time in 100 ns since 1601, or the next one that is not in use. */
  protected freeId(column: string, at: number, write: (ticks: bigint) => string): string {
    const taken = this.database.prepare(`select 1 from ${this.#table} where ${column} = ?`);
    for (let ticks = BigInt(at) * 10_000n + FILE_TIME_EPOCH; ; ticks++) {
      if (!taken.get(write(ticks))) return write(ticks);
    }
  }
}

export class Trash extends SoftDelete<Deleted> {
  constructor(database: DatabaseSync) {
    super(database, "deleted");
  }

  /** @returns the deletion id */
  put(root: number, path: string, node: number, days: number): string {
    const at = Date.now();
    const id = this.freeId("id", at, String);
    this.database
      .prepare("insert into deleted (id, root, path, node, at, until) values (?, ?, ?, ?, ?, ?)")
      .run(id, root, path, node, at, at + days * DAY);
    return id;
  }

  /** Deleted paths that start with `prefix`, in path order, after `after` (a path and an id). */
  list(root: number, prefix: string, after: readonly [string, string], limit: number): Deleted[] {
    return this.database
      .prepare(
        `select * from deleted where root = ? and substr(path, 1, length(?)) = ?
         and (path, id) > (?, ?) order by path, id limit ?`,
      )
      .all(root, prefix, prefix, ...after, limit) as unknown as Deleted[];
  }

  /** Removes and returns a deleted path; undefined when there is none. */
  take(root: number, path: string, id: string): Deleted | undefined {
    return this.database
      .prepare("delete from deleted where root = ? and path = ? and id = ? returning *")
      .get(root, path, id) as Deleted | undefined;
  }
}

export class DeletedFileSystems extends SoftDelete<DeletedFileSystem> {
  constructor(database: DatabaseSync) {
    super(database, "deleted_filesystems");
  }

  /** Adds a file system. Call it in the transaction that removes it. */
  put({ name, root, etag, modified, metadata, lease, policies }: FileSystem, days: number): void {
    const at = Date.now();
    const hex = (ticks: bigint) => ticks.toString(16).toUpperCase().padStart(16, "0");
    const columns = [name, root, etag, modified, metadata, lease, policies, at, at + days * DAY];
    this.database
      .prepare(
        `insert into deleted_filesystems
         (version, name, root, etag, modified, metadata, lease, policies, at, until)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(this.freeId("version", at, hex), ...columns);
  }

  /** All whose names start with `prefix`, by name and then by when they were deleted. */
  list(prefix: string): DeletedFileSystem[] {
    return this.database
      .prepare(
        `select * from deleted_filesystems where substr(name, 1, length(?)) = ?
         order by name, version`,
      )
      .all(prefix, prefix) as unknown as DeletedFileSystem[];
  }

  /** Removes and returns one; undefined when there is none. */
  take(name: string, version: string): DeletedFileSystem | undefined {
    return this.database
      .prepare("delete from deleted_filesystems where name = ? and version = ? returning *")
      .get(name, version) as DeletedFileSystem | undefined;
  }
}
