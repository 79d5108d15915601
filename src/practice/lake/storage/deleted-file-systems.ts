import type { FileSystem } from "./file-systems.ts";
import type { Tree } from "./tree.ts";

/** A file system that was deleted and can still be restored. */
export interface DeletedFileSystem extends FileSystem {
  /** Tells it from others of the same name: 16 hexadecimal digits, as the service gives them. */
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly until: number;
}

const DAY = 86_400_000;
// 100 ns from 1601, where Windows starts to count, to 1970.
const FILE_TIME_EPOCH = 116_444_736_000_000_000n;

/** The file systems that soft delete keeps. */
export class DeletedFileSystems {
  readonly #tree: Tree;
  #nextPurge = 0;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** Takes a file system in; call it inside the transaction that takes it out of the others. */
  put({ name, root, etag, modified, metadata, lease, policies }: FileSystem, days: number): void {
    const at = Date.now();
    const columns = [name, root, etag, modified, metadata, lease, policies, at, at + days * DAY];
    this.#tree.database
      .prepare(
        `insert into deleted_filesystems
         (version, name, root, etag, modified, metadata, lease, policies, at, until)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(this.#freeVersion(at), ...columns);
  }

  /** All whose names start with `prefix`, by name and then by when they were deleted. */
  list(prefix: string): DeletedFileSystem[] {
    return this.#tree.database
      .prepare(
        `select * from deleted_filesystems where substr(name, 1, length(?)) = ?
         order by name, version`,
      )
      .all(prefix, prefix) as unknown as DeletedFileSystem[];
  }

  /** Takes one out again; undefined when there is none such. */
  take(name: string, version: string): DeletedFileSystem | undefined {
    return this.#tree.database
      .prepare("delete from deleted_filesystems where name = ? and version = ? returning *")
      .get(name, version) as DeletedFileSystem | undefined;
  }

  /** Takes out what need not be kept any longer. */
  takeOutdated(): DeletedFileSystem[] {
    const now = Date.now();
    if (now < this.#nextPurge) return [];
    this.#nextPurge = now + 1_000;
    return this.#tree.database
      .prepare("delete from deleted_filesystems where until <= ? returning *")
      .all(now) as unknown as DeletedFileSystem[];
  }

  #freeVersion(at: number): string {
    const taken = this.#tree.database.prepare(
      "select 1 from deleted_filesystems where version = ?",
    );
    for (let ticks = BigInt(at) * 10_000n + FILE_TIME_EPOCH; ; ticks++) {
      const version = ticks.toString(16).toUpperCase().padStart(16, "0");
      if (!taken.get(version)) return version;
    }
  }
}
