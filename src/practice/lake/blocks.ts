import type { Bytes } from "./bytes.ts";

/** A block that is no part of a blob yet. */
interface Staged {
  readonly file: number;
  readonly length: number;
}

/** Blocks put and not committed, by blob; they are lost when the process dies. */
export class Blocks {
  readonly #bytes: Bytes;
  readonly #staged = new Map<string, Map<string, Staged>>();

  constructor(bytes: Bytes) {
    this.#bytes = bytes;
  }

  staged(blob: string): ReadonlyMap<string, Staged> {
    return this.#staged.get(blob) ?? new Map();
  }

  async stage(blob: string, id: string, block: Staged): Promise<void> {
    const blocks = this.#staged.get(blob) ?? new Map<string, Staged>();
    this.#staged.set(blob, blocks);
    const earlier = blocks.get(id);
    blocks.set(id, block);
    if (earlier) await this.#bytes.drop([earlier.file]);
  }

  /** Forgets a blob's blocks; those that were committed stay by their segments. */
  async discard(blob: string): Promise<void> {
    const blocks = this.#staged.get(blob);
    this.#staged.delete(blob);
    if (blocks) await this.#bytes.drop([...blocks.values()].map(({ file }) => file));
  }

  async close(): Promise<void> {
    for (const blob of [...this.#staged.keys()]) await this.discard(blob);
  }
}
