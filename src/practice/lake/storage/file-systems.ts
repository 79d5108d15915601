import type { StatementSync } from "node:sqlite";
import type { Tree } from "./tree.ts";

/** A file system, which the Blob endpoint calls a container. */
export interface FileSystem {
  readonly name: string;
  /** Node of its root directory. */
  readonly root: number;
  readonly etag: string;
  readonly modified: number;
  readonly metadata: string | null;
  readonly lease: string | null;
  /** XML of the stored access policies. */
  readonly policies: string | null;
}

/** Milliseconds until a deleted file system's name is free; in Azure, 30 s or more. */
const DELETING_MS = 2_000;

/** The file systems of an account. */
export class FileSystems {
  readonly #tree: Tree;
  readonly #get: StatementSync;
  readonly #list: StatementSync;
  readonly #insert: StatementSync;
  readonly #change: StatementSync;
  readonly #delete: StatementSync;
  readonly #deleting = new Map<string, number>();
  /** Cache. */
  readonly #known = new Map<string, FileSystem>();

  constructor(tree: Tree) {
    this.#tree = tree;
    const { database } = tree;
    this.#get = database.prepare("select * from filesystems where name = ?");
    // No numbered parameters: Node.js 22.18 cannot bind them.
    this.#list = database.prepare(
      `select * from filesystems where name > ? and substr(name, 1, length(?)) = ?
       order by name limit ?`,
    );
    this.#insert = database.prepare(
      "insert into filesystems (name, root, etag, modified, metadata) values (?, ?, ?, ?, ?)",
    );
    this.#change = database.prepare(
      "update filesystems set metadata = ?, lease = ?, policies = ?, etag = ?, modified = ? where name = ?",
    );
    this.#delete = database.prepare("delete from filesystems where name = ?");
  }

  get(name: string): FileSystem | undefined {
    const known = this.#known.get(name);
    if (known) return known;
    const found = this.#get.get(name) as FileSystem | undefined;
    // Not within a transaction, which may be rolled back.
    if (found && !this.#tree.database.isTransaction) this.#known.set(name, found);
    return found;
  }

  /** File systems whose names start with `prefix` and come after `after`, in order. */
  list(prefix: string, after: string, limit: number): FileSystem[] {
    return this.#list.all(after, prefix, prefix, limit) as unknown as FileSystem[];
  }

  create(name: string, metadata: string | null, owner: string): FileSystem {
    return this.#tree.transact(() => {
      const root = this.#tree.add({
        parent: 0,
        name: `${name}#${this.#tree.tag()}`,
        directory: 1,
        owner,
        group: owner,
        mode: 0o750,
      });
      this.#insert.run(name, root.id, root.etag, root.modified, metadata);
      return this.get(name) as FileSystem;
    });
  }

  /** Changes metadata or lease, and with `touch` the ETag and time. */
  change(
    fileSystem: FileSystem,
    change: Partial<Pick<FileSystem, "metadata" | "lease" | "policies">>,
    touch: boolean,
  ): FileSystem {
    const { name } = fileSystem;
    const now = { ...fileSystem, ...change };
    this.#known.delete(name);
    this.#change.run(
      now.metadata,
      now.lease,
      now.policies,
      touch ? this.#tree.tag() : now.etag,
      touch ? Date.now() : now.modified,
      name,
    );
    return this.get(name) as FileSystem;
  }

  /** Removes a file system; for a while its name cannot be used. */
  remove(name: string): void {
    this.#known.delete(name);
    this.#delete.run(name);
    this.#deleting.set(name, Date.now() + DELETING_MS);
  }

  isBeingDeleted(name: string): boolean {
    const until = this.#deleting.get(name);
    if (until === undefined) return false;
    if (Date.now() < until) return true;
    this.#deleting.delete(name);
    return false;
  }

  restore({ name, root, etag, modified, metadata, policies }: FileSystem): FileSystem {
    this.#insert.run(name, root, etag, modified, metadata);
    return this.change(this.get(name) as FileSystem, { policies }, true);
  }
}
