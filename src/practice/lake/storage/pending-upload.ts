import type { FileHandle } from "node:fs/promises";
import { SMALL } from "./byte-files.ts";
import type { Bytes, Segment } from "./bytes.ts";
import type { Chunk } from "./chunks.ts";
import type { Node } from "./node.ts";
import { receive, receiveSmall, writeAll } from "./receive.ts";
import type { Tree } from "./tree.ts";

/** The file that appended bytes are written to. */
interface Target {
  readonly file: number;
  readonly handle: FileHandle;
  /** Position in the node of the first unflushed byte in this file. */
  readonly base: number;
  /** Position of `base` in the file. */
  readonly offset: number;
}

interface Piece {
  readonly position: number;
  readonly bytes: Buffer;
}

/** Bytes that were received and, on disk, where they are. */
interface Written {
  readonly length: number;
  readonly file?: number;
  readonly chunks?: readonly Chunk[];
}

/** Bytes of memory left for the uploads of an account. */
export interface Budget {
  remaining: number;
}

/**
 * Bytes appended to a node and not flushed, which a crash loses. The first few of a new file wait
 * in memory, all others go to disk.
 */
export class Upload {
  /** Running appends. */
  busy = 0;
  idle: NodeJS.Timeout | undefined;
  isDiscarded = false;
  readonly #node: number;
  readonly #tree: Tree;
  readonly #bytes: Bytes;
  readonly #budget: Budget;
  /** Appended ranges, `[start, end)`, merged and in order. */
  #ranges: Range[] = [];
  /** Bytes in memory; undefined once there is a file. */
  #pieces: Piece[] | undefined;
  #opening: Promise<Target> | undefined;
  #target: Target | undefined;

  constructor(node: Pick<Node, "id" | "size">, tree: Tree, bytes: Bytes, budget: Budget) {
    this.#node = node.id;
    this.#tree = tree;
    this.#bytes = bytes;
    this.#budget = budget;
    this.#pieces = node.size === 0 ? [] : undefined;
  }

  get isEmpty(): boolean {
    return this.#ranges.length === 0;
  }

  /** Whether bytes in memory are being moved to a file. */
  get isMoving(): boolean {
    return this.#opening !== undefined && !this.#target;
  }

  /** Whether a file is open for the next append. */
  get isOnDisk(): boolean {
    return this.#opening !== undefined;
  }

  /** End of the last append; undefined when nothing was appended. */
  get end(): number | undefined {
    return this.#ranges.at(-1)?.[1];
  }

  /** End of the contiguous bytes from `position` on. */
  reach(position: number): number {
    return this.#ranges.find(([start]) => start <= position)?.[1] ?? position;
  }

  /** Writes a body, which counts only after `confirm`. */
  async write(position: number, body: AsyncIterable<Buffer>): Promise<Written> {
    const { head, rest } = await receiveSmall(body, SMALL);
    const small = rest ? undefined : Buffer.concat(head);
    if (small && this.#keep(position, small)) return { length: small.length };
    const whole = async function* () {
      yield* head;
      if (rest) yield* rest;
    };
    const { file, handle, offset, base } = await this.#open();
    const at = offset + position - base;
    try {
      const { length, chunks } = await receive(whole(), handle, at, false);
      return { length, chunks, file };
    } catch (error) {
      // A failed write may have overwritten other bytes.
      this.#bytes.files.chunks.drop(file, at);
      throw error;
    }
  }

  /** Adds written bytes to those that a flush may commit. */
  confirm(position: number, { length, file, chunks = [] }: Written): void {
    const range = [position, position + length] as const;
    if (file !== undefined) {
      const isAgain = this.#ranges.some((one) => one[0] < range[1] && one[1] > range[0]);
      const { chunks: known } = this.#bytes.files;
      // Two appends overlapped: only the disk knows which came last.
      if (isAgain) known.drop(file, chunks[0]?.start, chunks.at(-1)?.start);
      else known.add(file, chunks);
    }
    this.#ranges = merge(this.#ranges, range);
  }

  /** Waits while bytes in memory are being moved to a file. */
  async settle(): Promise<void> {
    while (this.isMoving) await this.#opening;
  }

  /** The segment between two positions. Call it in a transaction, while nothing is moved. */
  take(from: number, to: number): Segment {
    if (this.#target) {
      const { file, base, offset } = this.#target;
      return { start: base, length: to - base, file, offset };
    }
    const bytes = Buffer.alloc(to - from);
    for (const piece of this.#pieces ?? []) {
      // Bytes before `from` are flushed, those after `to` wait.
      piece.bytes
        .subarray(Math.max(0, from - piece.position))
        .copy(bytes, Math.max(0, piece.position - from));
    }
    return { start: from, length: bytes.length, ...this.#bytes.files.pack(bytes) };
  }

  /** Drops what is flushed. */
  cut(position: number): void {
    this.#ranges = this.#ranges
      .filter(([, end]) => end > position)
      .map(([start, end]) => [Math.max(start, position), end] as const);
    const kept = this.#pieces?.filter((piece) => piece.position + piece.bytes.length > position);
    if (kept) this.#holdOnTo(kept);
  }

  /** Releases memory and file; no append may be running. */
  async close(): Promise<void> {
    clearTimeout(this.idle);
    if (this.#pieces) this.#holdOnTo([]);
    const target = await this.#opening;
    if (!target) return;
    await target.handle.close();
    this.#bytes.files.chunks.drop(target.file);
    await this.#bytes.files.drop([target.file]);
  }

  /** Keeps a piece in memory, if there is room and no file. */
  #keep(position: number, bytes: Buffer): boolean {
    const pieces = this.#pieces;
    if (!pieces || sizeOf(pieces) + bytes.length > SMALL || bytes.length > this.#budget.remaining) {
      return false;
    }
    this.#holdOnTo([...pieces, { position, bytes }]);
    return true;
  }

  #holdOnTo(pieces: Piece[] | undefined): void {
    this.#budget.remaining += sizeOf(this.#pieces ?? []) - sizeOf(pieces ?? []);
    this.#pieces = pieces;
  }

  #open(): Promise<Target> {
    this.#opening ??= this.#begin();
    return this.#opening;
  }

  /** Opens the node's last file to append to it, or a new one, and moves bytes in memory to it. */
  async #begin(): Promise<Target> {
    const pieces = this.#pieces ?? [];
    // From here on, small appends go to the file too.
    this.#holdOnTo(undefined);
    const { files } = this.#bytes;
    const last = this.#bytes.segments(this.#node).at(-1);
    const isOwn = last && this.#bytes.isOnly(last.file);
    const handle = isOwn ? await files.reopen(last.file) : undefined;
    const file = files.newFile();
    const target =
      last && handle
        ? { file: last.file, handle, base: last.start, offset: last.offset }
        : { file, handle: await files.create(file), base: this.#size(), offset: 0 };
    for (const { position, bytes } of pieces) {
      // Bytes before the file's first one are flushed.
      const remaining = bytes.subarray(Math.max(0, target.base - position));
      const at = target.offset + Math.max(0, position - target.base);
      await writeAll(target.handle, [remaining], at);
    }
    this.#target = target;
    return target;
  }

  #size(): number {
    return this.#tree.byId(this.#node)?.size ?? 0;
  }
}

function sizeOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
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
