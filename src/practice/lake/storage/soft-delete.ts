import type { DatabaseSync } from "node:sqlite";
import type { FileSystem } from "./file-systems.ts";

/** When something was deleted, and until when it is kept, in milliseconds since 1970. */
interface Deletion {
  readonly at: number;
  readonly until: number;
}

/** A path that was deleted and can still be restored. */
export interface Deleted extends Deletion {
  /** Decimal digits, as the service gives them. */
  readonly id: string;
  readonly root: number;
  readonly path: string;
  readonly node: number;
}

/** A file system that was deleted and can still be restored. */
export interface DeletedFileSystem extends FileSystem, Deletion {
  /** Tells it from others of the same name: 16 hexadecimal digits, as the service gives them. */
  readonly version: string;
}

const DAY = 86_400_000;
// 100 ns from 1601, where Windows starts to count, to 1970.
const FILE_TIME_EPOCH = 116_444_736_000_000_000n;

/** What soft delete keeps in one table of an account's database. */
class SoftDelete<T extends Deletion> {
  protected readonly database: DatabaseSync;
  readonly #table: string;
  #nextPurge = 0;

  constructor(database: DatabaseSync, table: string) {
    this.database = database;
    this.#table = table;
  }

  /** Takes out what need not be kept any longer. */
  takeOutdated(): T[] {
    const now = Date.now();
    if (now < this.#nextPurge) return [];
    this.#nextPurge = now + 1_000;
    return this.database
      .prepare(`delete from ${this.#table} where until <= ? returning *`)
      .all(now) as unknown as T[];
  }

  /** A time in 100 ns as Windows counts it, or as soon after it as is free, in the service's digits. */
  protected freeId(column: string, at: number, write: (ticks: bigint) => string): string {
    const taken = this.database.prepare(`select 1 from ${this.#table} where ${column} = ?`);
    for (let ticks = BigInt(at) * 10_000n + FILE_TIME_EPOCH; ; ticks++) {
      if (!taken.get(write(ticks))) return write(ticks);
    }
  }
}

/** The paths that soft delete keeps. */
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

  /** Deleted paths that start with `prefix`, in path order, behind `after` (a path and an id). */
  list(root: number, prefix: string, after: readonly [string, string], limit: number): Deleted[] {
    return this.database
      .prepare(
        `select * from deleted where root = ? and substr(path, 1, length(?)) = ?
         and (path, id) > (?, ?) order by path, id limit ?`,
      )
      .all(root, prefix, prefix, ...after, limit) as unknown as Deleted[];
  }

  /** Takes a deleted path out again; undefined when there is none such. */
  take(root: number, path: string, id: string): Deleted | undefined {
    return this.database
      .prepare("delete from deleted where root = ? and path = ? and id = ? returning *")
      .get(root, path, id) as Deleted | undefined;
  }
}

/** The file systems that soft delete keeps. */
export class DeletedFileSystems extends SoftDelete<DeletedFileSystem> {
  constructor(database: DatabaseSync) {
    super(database, "deleted_filesystems");
  }

  /** Takes a file system in; call it inside the transaction that takes it out of the others. */
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

  /** Takes one out again; undefined when there is none such. */
  take(name: string, version: string): DeletedFileSystem | undefined {
    return this.database
      .prepare("delete from deleted_filesystems where name = ? and version = ? returning *")
      .get(name, version) as DeletedFileSystem | undefined;
  }
}
