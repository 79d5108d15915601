import type { Segment } from "./bytes.ts";
import type { Files } from "./files.ts";

/** A block that is no part of a blob yet: the runs of bytes it is, counted from its own start. */
type Staged = readonly Segment[];

interface Held {
  readonly parts: Staged;
  release(): Promise<void>;
}

/** Blocks put and not committed, by blob; they are lost when the process dies. */
export class Blocks {
  readonly #files: Files;
  readonly #staged = new Map<string, Map<string, Held>>();

  constructor(files: Files) {
    this.#files = files;
  }

  /** The blocks of a blob by their ids. */
  staged(blob: string): ReadonlyMap<string, Staged> {
    const blocks = this.#staged.get(blob) ?? new Map<string, Held>();
    return new Map([...blocks].map(([id, { parts }]) => [id, parts]));
  }

  async stage(blob: string, id: string, parts: Staged): Promise<void> {
    const blocks = this.#staged.get(blob) ?? new Map<string, Held>();
    this.#staged.set(blob, blocks);
    const earlier = blocks.get(id);
    blocks.set(id, { parts, release: this.#files.hold(parts.map(({ file }) => file)) });
    await earlier?.release();
  }

  /** Forgets a blob's blocks; those that were committed stay by their segments. */
  async discard(blob: string): Promise<void> {
    const blocks = this.#staged.get(blob);
    this.#staged.delete(blob);
    for (const { release } of blocks?.values() ?? []) await release();
  }

  async close(): Promise<void> {
    for (const blob of [...this.#staged.keys()]) await this.discard(blob);
  }
}
