import { KeyedLock } from "../../keyed-lock.ts";
import type { Bytes } from "./bytes.ts";
import type { Node } from "./node.ts";
import { type Budget, Upload } from "./pending-upload.ts";
import type { Tree } from "./tree.ts";

const IDLE_MS = 10_000;
const MEMORY = 64 * 1024 * 1024;

/** Appends, and the flushes that commit them. */
export class Uploads {
  readonly #tree: Tree;
  readonly #bytes: Bytes;
  readonly #open = new Map<number, Upload>();
  /** Locks a node while bytes are appended at its end. */
  readonly lock = new KeyedLock<number>();
  readonly #budget: Budget = { remaining: MEMORY };

  constructor(tree: Tree, bytes: Bytes) {
    this.#tree = tree;
    this.#bytes = bytes;
  }

  /**
   * Appends a request's body at a position, invisible before a flush. Flushed bytes stay: of a body
   * that begins before their end, only the rest counts.
   *
   * @param check called after the last byte, and throws when a checksum differs
   */
  async append(
    node: Node,
    position: number,
    body: AsyncIterable<Buffer>,
    check: () => void = () => undefined,
  ): Promise<void> {
    const upload = this.#upload(node);
    upload.busy++;
    try {
      const published = Math.max(0, node.size - position);
      const chunks = published === 0 ? body : without(body, published);
      const written = await upload.write(position + published, chunks);
      check();
      upload.confirm(position + published, written);
    } finally {
      upload.busy--;
      if (upload.isDiscarded) await this.#end(upload);
      else this.#rest(node.id, upload);
    }
  }

  /**
   * Makes the bytes up to `position` the node's content, in one transaction.
   *
   * @param keep whether bytes after `position` are kept for a later flush
   * @returns its new ETag and time, or why that is not possible
   */
  async flush(
    { id }: Node,
    position: number,
    keep: boolean,
  ): Promise<Pick<Node, "etag" | "modified"> | "missing" | "not contiguous"> {
    const pending = this.#open.get(id);
    await pending?.settle();
    // A replaced file has lost what was appended to the old one.
    const upload = this.#open.get(id) === pending ? pending : undefined;
    const node = this.#tree.byId(id);
    if (!node) return "missing";
    const reach = upload?.reach(node.size) ?? node.size;
    if (position < node.size || position > reach) return "not contiguous";
    const version = this.#tree.transact(() => {
      if (upload && position > node.size) {
        const segment = upload.take(node.size, position);
        this.#bytes.put(node.id, segment, node.size - segment.start);
      }
      return this.#tree.touch(node.id, { size: position });
    });
    upload?.cut(position);
    const isDropped = upload !== undefined && !upload.isEmpty && !keep;
    const isDone = upload?.isEmpty && upload.busy === 0 && !upload.isOnDisk;
    if (isDone || isDropped) await this.discard(id);
    return version;
  }

  /** Drops what was appended to a node and not flushed. */
  async discard(node: number): Promise<void> {
    const upload = this.#open.get(node);
    if (!upload) return;
    this.#open.delete(node);
    upload.isDiscarded = true;
    await this.#end(upload);
  }

  async close(): Promise<void> {
    for (const node of [...this.#open.keys()]) await this.discard(node);
  }

  /** Size of a node with unflushed bytes. */
  length(node: Node): number {
    return this.#open.get(node.id)?.end ?? node.size;
  }

  /** Closes a dropped upload, once no append is running. */
  async #end(upload: Upload): Promise<void> {
    clearTimeout(upload.idle);
    if (upload.busy === 0) await upload.close();
  }

  #upload(node: Node): Upload {
    const upload =
      this.#open.get(node.id) ?? new Upload(node, this.#tree, this.#bytes, this.#budget);
    this.#open.set(node.id, upload);
    clearTimeout(upload.idle);
    return upload;
  }

  /** Closes the file after a while, once everything is flushed. */
  #rest(node: number, upload: Upload): void {
    clearTimeout(upload.idle);
    upload.idle = setTimeout(() => {
      if (upload.busy === 0 && upload.isEmpty) void this.discard(node);
      else this.#rest(node, upload);
    }, IDLE_MS).unref();
  }
}

/** A body without its first bytes. */
async function* without(
  body: AsyncIterable<Buffer>,
  count: number,
): AsyncGenerator<Buffer, void, undefined> {
  let remaining = count;
  for await (const chunk of body) {
    if (chunk.length > remaining) yield remaining === 0 ? chunk : chunk.subarray(remaining);
    remaining = Math.max(0, remaining - chunk.length);
  }
}
