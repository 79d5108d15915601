import type { DatabaseSync, StatementSync } from "node:sqlite";

/** A file outside of the lake that content refers to, as of the last check. */
export interface Seed {
  readonly source: string;
  readonly size: number;
  /** Milliseconds since 1970, with fractions. */
  readonly modified: number;
}

export class Seeds {
  readonly #database: DatabaseSync;
  readonly #source: StatementSync;
  readonly #insert: StatementSync;
  readonly #forget: StatementSync;
  /** Every seed; may have some that are no longer used. */
  readonly #files: Set<number>;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#source = database.prepare("select source from seeds where file = ?");
    this.#insert = database.prepare(
      "insert into seeds (file, source, size, modified) values (?, ?, ?, ?)",
    );
    this.#forget = database.prepare("delete from seeds where file = ?");
    this.#files = new Set(this.all().map(({ file }) => file));
  }

  /** Path of a seed; undefined for a file of the lake. */
  sourceOf(file: number): string | undefined {
    // A quick test, as most files are none.
    if (!this.#files.has(file)) return undefined;
    return (this.#source.get(file) as { source: string } | undefined)?.source;
  }

  add(file: number, { source, size, modified }: Seed): void {
    this.#files.add(file);
    this.#insert.run(file, source, size, modified);
  }

  forget(file: number): void {
    this.#forget.run(file);
  }

  all(): (Seed & { readonly file: number })[] {
    const rows = this.#database.prepare("select * from seeds").all();
    return rows as unknown as (Seed & { file: number })[];
  }

  /** Updates a seed that changed; returns its nodes. */
  change(file: number, { size, modified }: Omit<Seed, "source">): number[] {
    const update = "update seeds set size = ?, modified = ? where file = ?";
    this.#database.prepare(update).run(size, modified, file);
    const rows = this.#database
      .prepare(
        `update segments set length = ? where file = ? and start = 0 and not exists
         (select 1 from segments as other where other.node = segments.node and other.start > 0)
         returning node`,
      )
      .all(size, file) as unknown as { node: number }[];
    return rows.map(({ node }) => node);
  }
}
