import type { Files } from "./byte-files.ts";
import type { Segment } from "./bytes.ts";

/** An uncommitted block: its segments, counted from its start. */
type Staged = readonly Segment[];

/** A blob, existing or not, by the root of its file system and its path. */
interface BlobKey {
  readonly root: number;
  readonly path: string;
}

interface Held {
  readonly parts: Staged;
  release(): Promise<void>;
}

/** A blob with uncommitted blocks, and since when. */
interface Begun {
  readonly path: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Unquoted. */
  readonly etag: string;
}

/** Uncommitted blocks by blob, which a crash loses. */
export class Blocks {
  readonly #files: Files;
  readonly #tag: () => string;
  readonly #staged = new Map<string, Map<string, Held>>();
  readonly #begun = new Map<string, Begun & { readonly root: number }>();

  /** @param tag makes an ETag */
  constructor(files: Files, tag: () => string) {
    this.#files = files;
    this.#tag = tag;
  }

  /** The blobs of a file system that have uncommitted blocks, in no order. */
  *blobsIn(root: number): Generator<Begun, void, undefined> {
    for (const begun of this.#begun.values()) if (begun.root === root) yield begun;
  }

  /** The blocks of a blob by their ids. */
  staged(blob: BlobKey): ReadonlyMap<string, Staged> {
    const blocks = this.#staged.get(keyOf(blob)) ?? new Map<string, Held>();
    return new Map([...blocks].map(([id, { parts }]) => [id, parts]));
  }

  async stage(blob: BlobKey, id: string, parts: Staged): Promise<void> {
    const key = keyOf(blob);
    const blocks = this.#staged.get(key) ?? new Map<string, Held>();
    this.#staged.set(key, blocks);
    if (!this.#begun.has(key)) {
      this.#begun.set(key, { ...blob, since: Date.now(), etag: this.#tag() });
    }
    const earlier = blocks.get(id);
    blocks.set(id, { parts, release: this.#files.hold(parts.map(({ file }) => file)) });
    await earlier?.release();
  }

  /** Drops a blob's uncommitted blocks. */
  async discard(blob: BlobKey): Promise<void> {
    await this.#discard(keyOf(blob));
  }

  async #discard(key: string): Promise<void> {
    const blocks = this.#staged.get(key);
    this.#staged.delete(key);
    this.#begun.delete(key);
    for (const { release } of blocks?.values() ?? []) await release();
  }

  async close(): Promise<void> {
    for (const key of [...this.#staged.keys()]) await this.#discard(key);
  }
}

function keyOf({ root, path }: BlobKey): string {
  return `${root}/${path}`;
}
