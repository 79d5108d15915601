import { createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, readSync, writeFileSync } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { StatementSync } from "node:sqlite";
import { Readable } from "node:stream";
import { receive, takeSmall } from "./receive.ts";
import { type Seed, Seeds } from "./seeds.ts";
import type { Tree } from "./tree.ts";

/** A run of a node's bytes, and the file that has them. */
export interface Segment {
  /** Where the run starts in the node. */
  readonly start: number;
  readonly length: number;
  readonly file: number;
  /** Where the run starts in the file. */
  readonly offset: number;
}

/** A run of bytes in a file. */
type Part = Pick<Segment, "file" | "offset" | "length">;

/** Bytes that are written at once, without the thread pool. */
const SMALL = 64 * 1024;
const CHUNK = 512 * 1024;

/**
 * The bytes of the lake. A node's content is a row of segments, each a part of a file on disk, so
 * that a copy, a block list or a concatenation shares bytes instead of moving them, and an append
 * to a seeded file leaves the seed alone. A file goes when no segment and no reader needs it.
 */
export class Bytes {
  /** Files that the content refers to and the lake does not own. */
  readonly seeds: Seeds;
  readonly #folder: string;
  readonly #segments: StatementSync;
  readonly #add: StatementSync;
  readonly #clear: StatementSync;
  readonly #used: StatementSync;
  readonly #count: StatementSync;
  readonly #addBlock: StatementSync;
  readonly #blocks: StatementSync;
  readonly #clearBlocks: StatementSync;
  readonly #readers = new Map<number, number>();
  readonly #doomed = new Set<number>();
  readonly #made = new Set<string>();
  #lastFile: number;
  #isClosed = false;

  constructor(tree: Tree, folder: string) {
    const { database } = tree;
    this.seeds = new Seeds(database);
    this.#folder = folder;
    this.#segments = database.prepare(
      "select start, length, file, offset from segments where node = ? order by start",
    );
    this.#add = database.prepare(
      "insert or replace into segments (node, start, length, file, offset) values (?, ?, ?, ?, ?)",
    );
    this.#clear = database.prepare("delete from segments where node = ? returning file");
    this.#used = database.prepare("select 1 from segments where file = ? limit 1");
    this.#addBlock = database.prepare(
      "insert into blocks (node, seq, id, start) values (?, ?, ?, ?)",
    );
    this.#blocks = database.prepare("select id, start from blocks where node = ? order by seq");
    this.#clearBlocks = database.prepare("delete from blocks where node = ?");
    this.#count = database.prepare("select count(*) as n from segments where file = ?");
    this.#lastFile = Date.now() * 1_000;
    mkdirSync(folder, { recursive: true });
  }

  segments(node: number): Segment[] {
    return this.#segments.all(node) as unknown as Segment[];
  }

  /** Whether exactly one segment of the lake is in this file. */
  isOnly(file: number): boolean {
    return (this.#count.get(file) as { n: number }).n === 1;
  }

  newFile(): number {
    this.#lastFile = Math.max(this.#lastFile + 1, Date.now() * 1_000);
    return this.#lastFile;
  }

  /** Opens a new file for writing; it stays only if a segment comes to name it. */
  async create(file: number): Promise<FileHandle> {
    const folder = this.#folderOf(file);
    if (!this.#made.has(folder)) await mkdir(folder, { recursive: true });
    this.#made.add(folder);
    return open(this.#path(file), "wx+");
  }

  /** Opens one of the lake's own files to go on writing it; undefined for a seed. */
  async reopen(file: number): Promise<FileHandle | undefined> {
    if (this.seeds.sourceOf(file) !== undefined) return undefined;
    return open(this.#path(file), "r+");
  }

  /** Writes a stream to a new file; it stays only if a segment comes to name it. */
  async store(body: Readable): Promise<{ file: number; length: number; digest: string }> {
    const file = this.newFile();
    const { head, rest } = await takeSmall(body as AsyncIterable<Buffer>, SMALL);
    if (!rest) return this.#storeSmall(file, Buffer.concat(head));
    const whole = async function* () {
      yield* head;
      yield* rest;
    };
    const handle = await this.create(file);
    try {
      const { length, digest = "" } = await receive(whole(), handle, 0, true);
      return { file, length, digest };
    } catch (error) {
      await this.drop([file]);
      throw error;
    } finally {
      await handle.close();
    }
  }

  #storeSmall(file: number, bytes: Buffer): { file: number; length: number; digest: string } {
    mkdirSync(this.#folderOf(file), { recursive: true });
    writeFileSync(this.#path(file), bytes, { flag: "wx" });
    const digest = createHash("md5").update(bytes).digest("base64");
    return { file, length: bytes.length, digest };
  }

  /** Stores a copy of a node's bytes with every bit turned. */
  async storeTurned(node: number, size: number): Promise<{ file: number }> {
    const source = this.read(node, 0, size) as AsyncIterable<Buffer>;
    const turned = async function* () {
      for await (const chunk of source) yield chunk.map((byte) => byte ^ 255);
    };
    return this.store(Readable.from(turned(), { objectMode: false }));
  }

  /** Keeps which blocks a node was made of, in order. Call it inside a transaction. */
  putBlocks(node: number, blocks: readonly { id: string; start: number }[]): void {
    blocks.forEach(({ id, start }, seq) => {
      this.#addBlock.run(node, seq, id, start);
    });
  }

  /** The committed blocks of a node in order, each with the runs of bytes it is. */
  blocks(node: number): { readonly id: string; readonly parts: readonly Segment[] }[] {
    const blocks = this.#blocks.all(node) as unknown as { id: string; start: number }[];
    const segments = this.segments(node);
    let at = 0;
    return blocks.map(({ id }, index) => {
      const end = blocks[index + 1]?.start ?? Number.POSITIVE_INFINITY;
      const first = at;
      while ((segments[at]?.start ?? end) < end) at++;
      return { id, parts: segments.slice(first, at) };
    });
  }

  /** Gives a run of a node's bytes a place. Call it inside a transaction. */
  put(node: number, { start, length, file, offset }: Segment): void {
    if (length > 0) this.#add.run(node, start, length, file, offset);
  }

  /** Makes a file outside the lake a node's content. Call it inside a transaction. */
  refer(node: number, seed: Seed): void {
    const file = this.newFile();
    this.seeds.add(file, seed);
    // An empty seed has its segment too: it may have grown when it is looked at again.
    this.#add.run(node, 0, seed.size, file, 0);
  }

  /** Takes a node's content away; answers the files it was in, for `drop`. */
  clear(node: number): number[] {
    const rows = this.#clear.all(node) as unknown as { file: number }[];
    this.#clearBlocks.run(node);
    return [...new Set(rows.map(({ file }) => file))];
  }

  /** Removes those of the files that nothing needs any more. */
  async drop(files: Iterable<number>): Promise<void> {
    for (const file of files) {
      if (this.#isClosed || this.#used.get(file)) continue;
      if (this.#readers.has(file)) this.#doomed.add(file);
      else await this.#remove(file);
    }
  }

  /** Streams a part of a node, as it was at the time of the call. */
  read(node: number, start: number, length: number): Readable {
    const wanted = this.#parts(node, start, length);
    const files = wanted.map(({ file }) => file);
    for (const file of files) this.#readers.set(file, (this.#readers.get(file) ?? 0) + 1);
    const stream = Readable.from(this.#chunks(wanted), {
      objectMode: false,
      highWaterMark: 2 * CHUNK,
    });
    stream.once("close", () => void this.#release(files));
    return stream;
  }

  /**
   * A small part of a node at once. For some kilobytes, waiting for the thread pool three times
   * costs more than the reading.
   */
  readSmall(node: number, start: number, length: number): Buffer {
    const buffer = Buffer.allocUnsafe(length);
    let done = 0;
    for (const part of this.#parts(node, start, length)) {
      const file = openSync(this.#path(part.file), "r");
      try {
        done += readSync(file, buffer, done, part.length, part.offset);
      } finally {
        closeSync(file);
      }
    }
    if (done < length) throw new Error("a file of the lake is shorter than its segment");
    return buffer;
  }

  /** From here on no file is removed; the next `sweep` finds what had to go. */
  close(): void {
    this.#isClosed = true;
  }

  /** Removes files that a killed process began and no segment came to name. */
  async sweep(): Promise<void> {
    const before = this.#lastFile;
    for (const name of await readdir(this.#folder)) {
      for (const file of await readdir(join(this.#folder, name))) {
        const id = Number(file);
        if (this.#isClosed) return;
        if (id <= before && !this.#used.get(id)) await this.#remove(id);
      }
    }
  }

  /** The runs of files that a part of a node is. */
  #parts(node: number, start: number, length: number): Part[] {
    const end = start + length;
    return this.segments(node)
      .filter((segment) => segment.start < end && segment.start + segment.length > start)
      .map((segment) => {
        const from = Math.max(start, segment.start);
        const to = Math.min(end, segment.start + segment.length);
        return {
          file: segment.file,
          offset: segment.offset + from - segment.start,
          length: to - from,
        };
      });
  }

  async *#chunks(parts: readonly Part[]) {
    for (const { file, offset, length } of parts) {
      const handle = await open(this.#path(file), "r");
      try {
        let done = 0;
        while (done < length) {
          const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK, length - done));
          const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset + done);
          if (bytesRead === 0) throw new Error("a file of the lake is shorter than its segment");
          done += bytesRead;
          yield bytesRead === buffer.length ? buffer : buffer.subarray(0, bytesRead);
        }
      } finally {
        await handle.close();
      }
    }
  }

  async #release(files: readonly number[]): Promise<void> {
    for (const file of files) {
      const left = (this.#readers.get(file) ?? 1) - 1;
      if (left > 0) {
        this.#readers.set(file, left);
      } else {
        this.#readers.delete(file);
        if (this.#doomed.delete(file) && !this.#isClosed) await this.#remove(file);
      }
    }
  }

  async #remove(file: number): Promise<void> {
    if (this.seeds.sourceOf(file) !== undefined) this.seeds.forget(file);
    else await rm(this.#path(file), { force: true });
  }

  #folderOf(file: number): string {
    return join(this.#folder, (file % 256).toString(16).padStart(2, "0"));
  }

  #path(file: number): string {
    return this.seeds.sourceOf(file) ?? join(this.#folderOf(file), String(file));
  }
}
