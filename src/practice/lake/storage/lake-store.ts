import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { damaged, isDiskFull } from "../../practice-error.ts";
import { Keys } from "./account-keys.ts";
import { type BlockStart, Bytes, type Segment } from "./bytes.ts";
import { Copies } from "./copies.ts";
import { type FileSystem, FileSystems } from "./file-systems.ts";
import { makeDatabase, openDatabase } from "./lake-schema.ts";
import type { Node } from "./node.ts";
import { seedLake } from "./seed-lake.ts";
import { Settings } from "./service-settings.ts";
import { BYTES, copyPrivately, NAMES } from "./share-files.ts";
import { DeletedFileSystems, Trash } from "./soft-delete.ts";
import { Blocks } from "./staged-blocks.ts";
import { KEPT, REMOVED, snapshotsBelow, Tree } from "./tree.ts";
import { Uploads } from "./uploads.ts";

// So few that requests in between need not wait.
const REAP_ROWS = 500;
const REAP_AGAIN_MS = 1_000;

/** The database and the files of one account, in one folder. */
export class Store {
  readonly tree: Tree;
  readonly fileSystems: FileSystems;
  readonly deletedFileSystems: DeletedFileSystems;
  readonly bytes: Bytes;
  readonly uploads: Uploads;
  readonly keys: Keys;
  readonly blocks: Blocks;
  readonly copies: Copies;
  readonly trash: Trash;
  readonly settings: Settings;
  readonly #folder: string;
  /** When the next file expires, in milliseconds since 1970. */
  #nextExpiry = 0;
  #reaping: Promise<void> | undefined;
  readonly #sweeping: Promise<void>;
  readonly #working = new Set<Promise<void>>();
  #closed = false;

  /**
   * @param folder created when it does not exist
   * @param seed folder whose folders become the file systems of a new account
   * @throws PracticeError `DAMAGED` or `OTHER_VERSION`
   */
  constructor(folder: string, seed: string | undefined) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const names = join(folder, NAMES);
    const hasNames = existsSync(names);
    if (existsSync(join(folder, BYTES)) && !hasNames) throw damaged(names, "is missing");
    if (!hasNames) makeDatabase(names);
    const database = openDatabase(names);
    this.tree = new Tree(database);
    this.fileSystems = new FileSystems(this.tree);
    this.deletedFileSystems = new DeletedFileSystems(database);
    this.bytes = new Bytes(this.tree, join(folder, BYTES));
    this.uploads = new Uploads(this.tree, this.bytes);
    this.blocks = new Blocks(this.bytes.files, () => this.tree.tag());
    this.copies = new Copies(database);
    this.trash = new Trash(database);
    this.settings = new Settings(database);
    this.keys = new Keys(database);
    if (seed !== undefined) seedLake(this, seed);
    this.#reap();
    this.#sweeping = this.bytes.files.sweep();
  }

  /** Removes a subtree from the tree at once; its rows and bytes later, in the background. */
  detach(node: Node): void {
    this.tree.change(node.id, { parent: REMOVED, name: String(node.id) });
    this.#reap();
  }

  /** Removes a file system, permanently or with soft delete. */
  removeFileSystem(fileSystem: FileSystem): void {
    const node = this.tree.byId(fileSystem.root);
    const days = this.settings.fileSystemRetention();
    this.tree.transact(() => {
      this.fileSystems.remove(fileSystem.name);
      if (days > 0) this.deletedFileSystems.put(fileSystem, days);
      else if (node) this.detach(node);
    });
  }

  /** Restores a soft-deleted file system; undefined when there is none. */
  restoreFileSystem(name: string, version: string): FileSystem | undefined {
    return this.tree.transact(() => {
      const deleted = this.deletedFileSystems.take(name, version);
      return deleted && this.fileSystems.restore(deleted);
    });
  }

  /**
   * Creates or replaces a node and its content in one transaction.
   *
   * @param make makes the node; runs in the transaction
   */
  async replace(
    make: () => Node,
    segments: readonly Segment[] = [],
    blocks: readonly BlockStart[] = [],
  ): Promise<Node> {
    let old: number[] | undefined;
    const { lastId } = this.tree;
    const node = this.tree.transact(() => {
      const made = make();
      // A new node has no content.
      if (!made.directory && made.id <= lastId) old = this.bytes.clear(made.id);
      for (const segment of segments) this.bytes.put(made.id, segment);
      this.bytes.putBlocks(made.id, blocks);
      return made;
    });
    if (old) {
      await this.uploads.discard(node.id);
      await this.bytes.files.drop(old);
    }
    return node;
  }

  /**
   * Deletes a path, permanently or with soft delete.
   *
   * @returns the deletion id to restore it by, with soft delete
   */
  remove(fileSystem: FileSystem, names: readonly string[], node: Node): string | undefined {
    const days = this.settings.retention();
    if (days === 0) {
      this.detach(node);
      return undefined;
    }
    return this.tree.transact(() => {
      this.tree.change(node.id, { parent: KEPT, name: String(node.id) });
      return this.trash.put(fileSystem.root, names.join("/"), node.id, days);
    });
  }

  /** Notes when a file expires; null for never. */
  expectExpiry(time: number | null): void {
    if (time !== null) this.#nextExpiry = Math.min(this.#nextExpiry, time);
  }

  /** Removes expired files, and deleted ones after their retention. */
  expire(): void {
    for (const { node } of this.trash.takeOutdated()) {
      const kept = this.tree.byId(node);
      if (kept) this.detach(kept);
    }
    for (const { root } of this.deletedFileSystems.takeOutdated()) {
      const kept = this.tree.byId(root);
      if (kept) this.detach(kept);
    }
    const now = Date.now();
    if (now < this.#nextExpiry) return;
    const { expired, next } = this.tree.expired(now);
    for (const node of expired) this.detach(node);
    this.#nextExpiry = next;
  }

  /** Runs work after the answer to a request; `close` waits for it. */
  inBackground(work: Promise<void>): void {
    this.#working.add(work);
    void work.finally(() => this.#working.delete(work));
  }

  /**
   * Saves the current state to a folder that does not exist yet, without bytes that are not flushed
   * and blocks that are not committed.
   */
  save(folder: string): void {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // After this the database file is complete.
    const { busy } = this.tree.database.prepare("pragma wal_checkpoint(truncate)").get() as {
      busy: number;
    };
    if (busy !== 0) throw new Error(`another program reads ${join(this.#folder, NAMES)}`);
    copyPrivately(join(this.#folder, NAMES), join(folder, NAMES));
    mkdirSync(join(folder, BYTES), { mode: 0o700 });
    this.bytes.share(join(folder, BYTES));
  }

  /** Closes without waiting for the disk, as nothing is kept. */
  async abandon(): Promise<void> {
    this.tree.database.exec("pragma synchronous = off");
    await this.close();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#working);
    await this.#reaping;
    await this.uploads.close();
    await this.blocks.close();
    this.bytes.files.close();
    await this.#sweeping;
    this.tree.database.close();
  }

  #reap(): void {
    this.#reaping ??= this.#reapAll()
      .catch((error: unknown) => {
        // On a full disk, removed rows stay hidden until there is room.
        if (!isDiskFull(error)) throw error;
        setTimeout(() => this.#closed || this.#reap(), REAP_AGAIN_MS).unref();
      })
      .finally(() => {
        this.#reaping = undefined;
      });
  }

  async #reapAll(): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#closed) return;
      const removed = this.tree.children(REMOVED, "", REAP_ROWS);
      if (removed.length === 0) return;
      const files: number[] = [];
      this.tree.transact(() => {
        for (const { id, directory } of removed) {
          const below = directory ? id : snapshotsBelow(id);
          for (const child of this.tree.children(below, "", REAP_ROWS)) {
            this.tree.change(child.id, { parent: REMOVED, name: String(child.id) });
          }
          files.push(...this.bytes.clear(id));
          this.copies.forget(id);
          if (this.tree.children(below, "", 1).length === 0) this.tree.remove(id);
        }
      });
      for (const { id } of removed) await this.uploads.discard(id);
      await this.bytes.files.drop(files);
    }
  }
}
