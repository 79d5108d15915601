import type { FileHandle } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { Bytes } from "./bytes.ts";
import type { Node } from "./node.ts";
import { receive } from "./receive.ts";
import { refuse, refuseQuery } from "./refusals.ts";
import type { Tree } from "./tree.ts";

/** Bytes appended to a node and not flushed yet. They are lost when the process dies. */
interface Upload {
  readonly file: number;
  readonly handle: FileHandle;
  /** Position in the node of the file's first byte. */
  readonly base: number;
  /** Where `base` lies in the file. */
  readonly offset: number;
  /** Appended ranges, `[start, end)`, merged and in order. */
  ranges: (readonly [number, number])[];
  idle: NodeJS.Timeout | undefined;
  /** Appends that are being written. */
  busy: number;
  isDiscarded: boolean;
}

const IDLE_MS = 10_000;

/** Appends that go straight to disk, and flushes that publish them. */
export class Uploads {
  readonly #tree: Tree;
  readonly #bytes: Bytes;
  readonly #open = new Map<number, Promise<Upload>>();
  readonly #turns = new Map<number, Promise<void>>();

  constructor(tree: Tree, bytes: Bytes) {
    this.#tree = tree;
    this.#bytes = bytes;
  }

  /** Writes a request's body at a position; nobody sees it before a flush. */
  async append(node: Node, position: number, body: Readable, md5?: string): Promise<void> {
    if (position < node.size) throw refuseQuery("position", String(position));
    const upload = await this.#upload(node, position);
    upload.busy++;
    try {
      const at = upload.offset + position - upload.base;
      const { length, digest } = await receive(
        body as AsyncIterable<Buffer>,
        upload.handle,
        at,
        md5 !== undefined,
      );
      if (md5 !== undefined && digest !== md5) throw refuse("Md5Mismatch");
      upload.ranges = merge(upload.ranges, [position, position + length]);
    } finally {
      upload.busy--;
      if (upload.isDiscarded) await this.#end(upload);
      else this.#rest(node.id, upload);
    }
  }

  /**
   * Makes the bytes up to `position` the node's content, in one transaction.
   *
   * @param keep leaves bytes appended beyond `position` for a later flush instead of refusing
   */
  async flush({ id }: Node, position: number, keep: boolean): Promise<void> {
    const opening = this.#open.get(id);
    const opened = await opening;
    // Whoever replaced the file in the meantime has discarded what was appended to the old one.
    const upload = this.#open.get(id) === opening ? opened : undefined;
    const node = this.#tree.byId(id);
    if (!node) throw refuse("PathNotFound");
    const reach = upload?.ranges.find(([start]) => start <= node.size)?.[1] ?? node.size;
    const end = upload?.ranges.at(-1)?.[1] ?? node.size;
    if (position < node.size || position > reach || (position !== end && !keep)) {
      throw refuse("InvalidFlushPosition");
    }
    this.#tree.transact(() => {
      if (upload && position > node.size) {
        const { file, base, offset } = upload;
        this.#bytes.put(node.id, { start: base, length: position - base, file, offset });
      }
      this.#tree.touch(node.id, { size: position });
    });
    if (upload) upload.ranges = cut(upload.ranges, position);
  }

  /** Runs work on a node once all that was handed in before it is done. */
  async inTurn(node: number, work: () => Promise<void>): Promise<void> {
    const before = this.#turns.get(node) ?? Promise.resolve();
    const turn = before.then(work, work);
    this.#turns.set(node, turn);
    try {
      await turn;
    } finally {
      if (this.#turns.get(node) === turn) this.#turns.delete(node);
    }
  }

  /** Forgets what was appended to a node and not flushed. */
  async discard(node: number): Promise<void> {
    const opening = this.#open.get(node);
    if (!opening) return;
    this.#open.delete(node);
    const upload = await opening;
    upload.isDiscarded = true;
    await this.#end(upload);
  }

  async close(): Promise<void> {
    for (const node of [...this.#open.keys()]) await this.discard(node);
  }

  /** Number of bytes of a node, those counted that are appended and not flushed. */
  async length(node: Node): Promise<number> {
    return (await this.#open.get(node.id))?.ranges.at(-1)?.[1] ?? node.size;
  }

  /** Closes a discarded upload's file, once nobody writes to it. */
  async #end(upload: Upload): Promise<void> {
    clearTimeout(upload.idle);
    if (upload.busy > 0) return;
    await upload.handle.close();
    await this.#bytes.files.drop([upload.file]);
  }

  async #upload(node: Node, position: number): Promise<Upload> {
    let opening = this.#open.get(node.id);
    if (!opening) {
      opening = this.#begin(node, Math.min(node.size, position));
      this.#open.set(node.id, opening);
      opening.catch(() => this.#open.delete(node.id));
    }
    const upload = await opening;
    clearTimeout(upload.idle);
    return upload;
  }

  async #begin(node: Node, base: number): Promise<Upload> {
    const last = this.#bytes.segments(node.id).at(-1);
    const { files } = this.#bytes;
    const isOwn = last && this.#bytes.isOnly(last.file);
    const handle = isOwn ? await files.reopen(last.file) : undefined;
    const common = { ranges: [], idle: undefined, busy: 0, isDiscarded: false };
    if (last && handle) {
      return { file: last.file, handle, base: last.start, offset: last.offset, ...common };
    }
    const file = files.newFile();
    return { file, handle: await files.create(file), base, offset: 0, ...common };
  }

  /** Lets go of the file handle after a while, once everything in it is flushed. */
  #rest(node: number, upload: Upload): void {
    clearTimeout(upload.idle);
    upload.idle = setTimeout(() => {
      if (upload.busy === 0 && upload.ranges.length === 0) void this.discard(node);
      else this.#rest(node, upload);
    }, IDLE_MS).unref();
  }
}

type Range = readonly [number, number];

function merge(ranges: readonly Range[], added: Range): Range[] {
  const merged: Range[] = [];
  for (const range of [...ranges, added].sort((one, two) => one[0] - two[0])) {
    const last = merged.at(-1);
    if (range[1] === range[0]) continue;
    if (last && range[0] <= last[1])
      merged[merged.length - 1] = [last[0], Math.max(last[1], range[1])];
    else merged.push(range);
  }
  return merged;
}

function cut(ranges: readonly Range[], before: number): Range[] {
  return ranges
    .filter(([, end]) => end > before)
    .map(([start, end]) => [Math.max(start, before), end] as const);
}
