import type { DatabaseSync, StatementSync } from "node:sqlite";

/** The last copy that a blob was the destination of. */
export interface Copy {
  readonly node: number;
  /** What the service calls `x-ms-copy-id`. */
  readonly id: string;
  /** URL of the source, without what signed it. */
  readonly source: string;
  readonly status: "pending" | "success" | "aborted" | "failed";
  /** Bytes of the source. */
  readonly size: number;
  /** When it ended, in milliseconds since 1970; null while it is pending. */
  readonly completed: number | null;
  /** Why it failed. */
  readonly description: string | null;
}

/** What the blobs of an account were copied from, and how far that is. */
export class Copies {
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #forget: StatementSync;
  /** Every node that has a copy, and some that have none any more. */
  readonly #nodes: Set<number>;

  constructor(database: DatabaseSync) {
    this.#get = database.prepare("select * from copies where node = ?");
    this.#put = database.prepare("insert or replace into copies values (?, ?, ?, ?, ?, ?, ?)");
    this.#forget = database.prepare("delete from copies where node = ?");
    // What was under way when the process ended is under way no longer.
    database
      .prepare(
        "update copies set status = 'failed', completed = ?, description = ? where status = ?",
      )
      .run(Date.now(), '500 InternalError "Copy was broken off."', "pending");
    const rows = database.prepare("select node from copies").all() as { node: number }[];
    this.#nodes = new Set(rows.map(({ node }) => node));
  }

  get(node: number): Copy | undefined {
    // Asked at most requests, and most nodes were never copied to.
    return this.#nodes.has(node) ? (this.#get.get(node) as Copy | undefined) : undefined;
  }

  /** The copy under way to a node, unless another has taken its place. */
  pending(node: number, id?: string): Copy | undefined {
    const copy = this.get(node);
    return copy?.status === "pending" && (id ?? copy.id) === copy.id ? copy : undefined;
  }

  put({ node, id, source, status, size, completed, description }: Copy): void {
    this.#nodes.add(node);
    this.#put.run(node, id, source, status, size, completed, description);
  }

  /** Ends a pending copy, now. */
  end(copy: Copy, status: Copy["status"], description: string | null = null): void {
    this.put({ ...copy, status, completed: Date.now(), description });
  }

  forget(node: number): void {
    if (this.#nodes.has(node)) this.#forget.run(node);
  }
}
