import type { DatabaseSync, StatementSync } from "node:sqlite";

/** The last copy that a blob was the destination of. */
export interface Copy {
  readonly node: number;
  /** Value of `x-ms-copy-id`. */
  readonly id: string;
  /** URL of the source without its signature. */
  readonly source: string;
  readonly status: "pending" | "success" | "aborted" | "failed";
  /** Bytes of the source. */
  readonly size: number;
  /** When it ended, in milliseconds since 1970; null while it is pending. */
  readonly completed: number | null;
  /** Why it failed. */
  readonly description: string | null;
}

/** The copies into blobs of an account, and their status. */
export class Copies {
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #forget: StatementSync;
  /** Every node with a copy; may have some that no longer have one. */
  readonly #nodes: Set<number>;

  constructor(database: DatabaseSync) {
    this.#get = database.prepare("select * from copies where node = ?");
    this.#put = database.prepare("insert or replace into copies values (?, ?, ?, ?, ?, ?, ?)");
    this.#forget = database.prepare("delete from copies where node = ?");
    // Copies that were pending when the process ended have failed.
    database
      .prepare(
        "update copies set status = 'failed', completed = ?, description = ? where status = ?",
      )
      .run(Date.now(), '500 InternalError "Copy was broken off."', "pending");
    const rows = database.prepare("select node from copies").all() as { node: number }[];
    this.#nodes = new Set(rows.map(({ node }) => node));
  }

  get(node: number): Copy | undefined {
    // A quick test, as most nodes were never copied to.
    return this.#nodes.has(node) ? (this.#get.get(node) as Copy | undefined) : undefined;
  }

  /** The pending copy to a node; with `id`, only that one. */
  pending(node: number, id?: string): Copy | undefined {
    const copy = this.get(node);
    return copy?.status === "pending" && (id ?? copy.id) === copy.id ? copy : undefined;
  }

  put({ node, id, source, status, size, completed, description }: Copy): void {
    this.#nodes.add(node);
    this.#put.run(node, id, source, status, size, completed, description);
  }

  end(copy: Copy, status: Copy["status"], description: string | null = null): void {
    this.put({ ...copy, status, completed: Date.now(), description });
  }

  forget(node: number): void {
    if (this.#nodes.has(node)) this.#forget.run(node);
  }
}
