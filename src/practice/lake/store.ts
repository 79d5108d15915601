import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Bytes } from "./bytes.ts";
import { type FileSystem, FileSystems } from "./file-systems.ts";
import { openDatabase } from "./schema.ts";
import { seedLake } from "./seed.ts";
import { type Node, Tree } from "./tree.ts";
import { Uploads } from "./uploads.ts";

// Nodes that were removed hang here until their rows are gone as well.
const REMOVED = -1;
const REAP_ROWS = 2_000;

/** Names and bytes of one lake, in one folder. */
export class Store {
  readonly tree: Tree;
  readonly fileSystems: FileSystems;
  readonly bytes: Bytes;
  readonly uploads: Uploads;
  #reaping: Promise<void> | undefined;
  #closed = false;

  /**
   * @param folder where names and bytes are kept; made when it does not exist
   * @param seed folder whose folders are the file systems of a new lake
   */
  constructor(folder: string, seed: string | undefined) {
    mkdirSync(folder, { recursive: true });
    const database = openDatabase(join(folder, "names.db"));
    this.tree = new Tree(database);
    this.fileSystems = new FileSystems(this.tree);
    this.bytes = new Bytes(this.tree, join(folder, "bytes"));
    this.uploads = new Uploads(this.tree, this.bytes);
    if (seed !== undefined) seedLake(this, seed);
    this.#reap();
    void this.bytes.sweep();
  }

  /**
   * Takes a node and all under it out of the tree, at once however much that is; the rows and
   * bytes go in the background.
   */
  detach(node: Node): void {
    this.tree.change(node.id, { parent: REMOVED, name: String(node.id) });
    this.#reap();
  }

  /** Removes a file system and all in it. */
  removeFileSystem({ name, root }: FileSystem): void {
    const node = this.tree.byId(root);
    this.tree.transact(() => {
      this.fileSystems.remove(name);
      if (node) this.detach(node);
    });
  }

  /** Gives a file new, empty content. */
  async truncate(node: Node): Promise<void> {
    await this.uploads.discard(node.id);
    await this.bytes.drop(this.bytes.clear(node.id));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#reaping;
    await this.uploads.close();
    this.tree.database.close();
  }

  #reap(): void {
    this.#reaping ??= this.#reapAll().finally(() => {
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
        for (const { id } of removed) {
          for (const child of this.tree.children(id, "", REAP_ROWS)) {
            this.tree.change(child.id, { parent: REMOVED, name: String(child.id) });
          }
          files.push(...this.bytes.clear(id));
          if (this.tree.children(id, "", 1).length === 0) this.tree.remove(id);
        }
      });
      for (const { id } of removed) await this.uploads.discard(id);
      await this.bytes.drop(files);
    }
  }
}
