import { closeSync, openSync, readSync } from "node:fs";
import { open } from "node:fs/promises";
import type { StatementSync } from "node:sqlite";
import { Readable } from "node:stream";
import { Files } from "./byte-files.ts";
import { Chunks, type Run, runsOf, verify } from "./chunks.ts";
import type { Node } from "./node.ts";
import { type Seed, Seeds } from "./seeds.ts";
import type { Tree } from "./tree.ts";

/** A part of a node's content, and the file that has it. */
export interface Segment {
  /** Position in the node. */
  readonly start: number;
  readonly length: number;
  readonly file: number;
  /** Position in the file. */
  readonly offset: number;
}

/** A committed block of a node, and its position in the node. */
export interface BlockStart {
  readonly id: string;
  readonly start: number;
}

const READ_BYTES = 256 * 1024;

/**
 * The bytes of the lake. A node's content is a list of segments, each a part of a file on disk:
 * copies, block lists and concatenations share bytes, and an append to a seeded file does not
 * change the seed.
 */
export class Bytes {
  readonly files: Files;
  /** Files outside of the lake that contents refer to. */
  readonly seeds: Seeds;
  readonly #segments: StatementSync;
  readonly #add: StatementSync;
  readonly #clear: StatementSync;
  readonly #count: StatementSync;
  readonly #allFiles: StatementSync;
  readonly #addBlock: StatementSync;
  readonly #blocks: StatementSync;
  readonly #countBlocks: StatementSync;
  readonly #last: StatementSync;
  readonly #clearBlocks: StatementSync;

  constructor(tree: Tree, folder: string) {
    const { database } = tree;
    this.seeds = new Seeds(database);
    this.#segments = database.prepare(
      "select start, length, file, offset from segments where node = ? order by start",
    );
    this.#add = database.prepare(
      "insert or replace into segments (node, start, length, file, offset) values (?, ?, ?, ?, ?)",
    );
    this.#clear = database.prepare("delete from segments where node = ? returning file");
    this.#addBlock = database.prepare(
      "insert into blocks (node, seq, id, start) values (?, ?, ?, ?)",
    );
    this.#blocks = database.prepare("select id, start from blocks where node = ? order by seq");
    this.#countBlocks = database.prepare(
      "select coalesce(max(seq) + 1, 0) as n from blocks where node = ?",
    );
    this.#last = database.prepare(
      "select start, length, file, offset from segments where node = ? order by start desc limit 1",
    );
    this.#clearBlocks = database.prepare("delete from blocks where node = ?");
    this.#allFiles = database.prepare("select distinct file from segments");
    this.#count = database.prepare("select count(*) as n from segments where file = ?");
    const used = database.prepare("select 1 from segments where file = ? limit 1");
    const known = { seeds: this.seeds, chunks: new Chunks(database) };
    this.files = new Files(folder, known, (file) => used.get(file) !== undefined);
  }

  segments(node: number): Segment[] {
    return this.#segments.all(node) as unknown as Segment[];
  }

  /** Links all files into another folder. */
  share(folder: string): void {
    const rows = this.#allFiles.all() as unknown as { file: number }[];
    this.files.share(
      rows.map(({ file }) => file),
      folder,
    );
  }

  /** Whether exactly one segment of the lake is in this file. */
  isOnly(file: number): boolean {
    return (this.#count.get(file) as { n: number }).n === 1;
  }

  /** Saves the block list of a node. Call it in a transaction. */
  putBlocks(node: number, blocks: readonly BlockStart[]): void {
    blocks.forEach(({ id, start }, seq) => {
      this.#addBlock.run(node, seq, id, start);
    });
  }

  blockCount(node: number): number {
    return (this.#countBlocks.get(node) as { n: number }).n;
  }

  /**
   * Appends segments to a node, as one block without an id. Call it in a transaction.
   *
   * @param node the node before
   * @returns its number of blocks then
   */
  append({ id, size }: Pick<Node, "id" | "size">, parts: readonly Segment[]): number {
    let start = size;
    for (const part of parts) {
      const last = this.#last.get(id) as Segment | undefined;
      // Adjacent small blocks of one file are read together.
      const isNext = last?.file === part.file && last.offset + last.length === part.offset;
      if (isNext) this.put(id, { ...last, length: last.length + part.length }, last.length);
      else this.put(id, { ...part, start });
      start += part.length;
    }
    const count = this.blockCount(id);
    this.#addBlock.run(id, count, "", size);
    return count + 1;
  }

  blockStarts(node: number): BlockStart[] {
    return this.#blocks.all(node) as unknown as BlockStart[];
  }

  /** The committed blocks of a node in order, each with its segments. */
  blocks(node: number): { readonly id: string; readonly parts: readonly Segment[] }[] {
    const blocks = this.blockStarts(node);
    const segments = this.segments(node);
    let at = 0;
    return blocks.map(({ id }, index) => {
      const end = blocks[index + 1]?.start ?? Number.POSITIVE_INFINITY;
      const first = at;
      while ((segments[at]?.start ?? end) < end) at++;
      return { id, parts: segments.slice(first, at) };
    });
  }

  /**
   * Adds a segment to a node. Call it in a transaction.
   *
   * @param known bytes at its start that it had before
   */
  put(node: number, { start, length, file, offset }: Segment, known = 0): void {
    if (length === 0) return;
    this.#add.run(node, start, length, file, offset);
    this.files.saveChunks(file, offset + known, length - known);
  }

  /** Makes a seed file a node's content. Call it in a transaction. */
  refer(node: number, seed: Seed): void {
    const file = this.files.newFile();
    this.seeds.add(file, seed);
    // An empty seed has a segment too: the file may grow.
    this.#add.run(node, 0, seed.size, file, 0);
  }

  /** Removes a node's content; returns its files, for `Files.drop`. */
  clear(node: number): number[] {
    const rows = this.#clear.all(node) as unknown as { file: number }[];
    this.#clearBlocks.run(node);
    return [...new Set(rows.map(({ file }) => file))];
  }

  /** Streams a part of a node, as it was at the time of the call. */
  read(node: number, start: number, length: number): Readable {
    return this.readParts(this.parts(node, start, length));
  }

  /** Streams segments one after the other, and holds their files meanwhile. */
  readParts(parts: readonly Segment[]): Readable {
    const release = this.files.hold(parts.map(({ file }) => file));
    const stream = Readable.from(this.#read(parts, Buffer.allocUnsafeSlow), {
      objectMode: false,
      highWaterMark: 4 * READ_BYTES,
    });
    stream.once("close", () => void release());
    return stream;
  }

  /**
   * Passes on a part of a node, piece by piece, as it was at the time of the call. The next piece is
   * read while one is taken. Two buffers take turns: new memory for each piece takes longer than to
   * read it.
   *
   * @param take resolves once the memory of a piece is free, with whether more is wanted
   * @throws DamagedFile
   */
  async pass(
    { node, start, length }: { node: number; start: number; length: number },
    take: (piece: Buffer) => Promise<boolean>,
  ): Promise<void> {
    const parts = this.parts(node, start, length);
    const release = this.files.hold(parts.map(({ file }) => file));
    let [free, taken] = [Buffer.alloc(0), Buffer.alloc(0)];
    const memory = (bytes: number) => {
      [free, taken] = [taken, free];
      if (taken.length < bytes) taken = Buffer.allocUnsafeSlow(bytes);
      return taken;
    };
    try {
      let isWanted: Promise<boolean> | undefined;
      for await (const piece of this.#read(parts, memory)) {
        if ((await isWanted) === false) return;
        isWanted = take(piece);
      }
      await isWanted;
    } finally {
      await release();
    }
  }

  /**
   * A small part of a node, read synchronously: for a few kilobytes, three trips to the thread pool
   * take longer.
   *
   * @throws DamagedFile
   */
  readSmall(node: number, start: number, length: number): Buffer {
    const read: Buffer[] = [];
    for (const part of this.parts(node, start, length)) {
      const path = this.files.path(part.file);
      const file = openSync(path, "r");
      try {
        for (const run of this.#runs(part, path)) {
          const buffer = Buffer.allocUnsafe(run.length);
          const count = readSync(file, buffer, 0, run.length, run.start);
          verify(buffer.subarray(0, count), run, path);
          read.push(buffer.subarray(run.from, run.to));
        }
      } finally {
        closeSync(file);
      }
    }
    const [first] = read;
    const all = first && read.length === 1 ? first : Buffer.concat(read);
    if (all.length < length) throw new Error("content has fewer bytes than its size");
    return all;
  }

  /** The segments of a part of a node, counted from its start. */
  parts(node: number, start: number, length: number): Segment[] {
    const end = start + length;
    return this.segments(node)
      .filter((segment) => segment.start < end && segment.start + segment.length > start)
      .map((segment) => {
        const from = Math.max(start, segment.start);
        const to = Math.min(end, segment.start + segment.length);
        const offset = segment.offset + from - segment.start;
        return { start: from - start, length: to - from, file: segment.file, offset };
      });
  }

  async *#read(parts: readonly Segment[], memory: (bytes: number) => Buffer) {
    for (const part of parts) {
      const path = this.files.path(part.file);
      const handle = await open(path, "r");
      try {
        for (const run of this.#runs(part, path)) {
          const buffer = memory(run.length);
          const { bytesRead } = await handle.read(buffer, 0, run.length, run.start);
          verify(buffer.subarray(0, bytesRead), run, path);
          yield buffer.subarray(run.from, run.to);
        }
      } finally {
        await handle.close();
      }
    }
  }

  /** The parts of a file to read for a segment, with all their checksums. */
  *#runs({ file, offset, length }: Segment, path: string): Generator<Run, void, undefined> {
    if (!this.files.isSeed(file)) {
      const chunks = this.files.chunks.covering(file, offset, length);
      yield* runsOf(chunks, { start: offset, length, path }, READ_BYTES);
      return;
    }
    for (let done = 0; done < length; done += READ_BYTES) {
      const to = Math.min(READ_BYTES, length - done);
      yield { start: offset + done, length: to, from: 0, to, chunks: [] };
    }
  }
}
