import { readSync } from "node:fs";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { crc32 } from "node:zlib";

/** Most bytes that one checksum covers. */
const CHUNK = 64 * 1024;

/** A part of a file, and its CRC-32. */
export interface Chunk {
  /** Position in the file. */
  readonly start: number;
  readonly length: number;
  readonly crc: number;
}

/** A part of a file that is not as it was written. */
export class DamagedFile extends Error {
  override readonly name = "DamagedFile";
  /** Position of the damage in the file. */
  readonly start: number;
  readonly end: number;
  readonly what: string;

  constructor(path: string, { start, length }: Pick<Chunk, "start" | "length">, why: string) {
    const what = `bytes ${start} to ${start + length - 1} of ${path} ${why}`;
    super(`${what}; "notelake practice --check --dir FOLDER" names all that is damaged`);
    this.what = what;
    this.start = start;
    this.end = start + length;
  }
}

/** Cuts a stream of bytes into chunks. */
export class Chunker {
  readonly #chunks: Chunk[] = [];
  #start: number;
  #length = 0;
  #crc = 0;

  /** @param start position of the bytes in the file */
  constructor(start: number) {
    this.#start = start;
  }

  update(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + CHUNK - this.#length);
      this.#crc = crc32(part, this.#crc);
      this.#length += part.length;
      at += part.length;
      if (this.#length === CHUNK) this.#cut();
    }
  }

  end(): Chunk[] {
    if (this.#length > 0) this.#cut();
    return this.#chunks;
  }

  #cut(): void {
    this.#chunks.push({ start: this.#start, length: this.#length, crc: this.#crc });
    this.#start += this.#length;
    this.#length = 0;
    this.#crc = 0;
  }
}

/**
 * The checksums of the files of a lake. They are computed while bytes are written, and saved once
 * content refers to the bytes.
 */
export class Chunks {
  readonly #insert: StatementSync;
  readonly #between: StatementSync;
  readonly #forget: StatementSync;
  readonly #next: StatementSync;
  /** Chunks that are not saved yet, by file and start. */
  readonly #written = new Map<number, Map<number, Chunk>>();

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      "insert or replace into chunks (file, start, length, crc) values (?, ?, ?, ?)",
    );
    this.#between = database.prepare(
      `select start, length, crc from chunks where file = ? and start < ? and start >= coalesce(
         (select max(start) from chunks where file = ? and start <= ?), 0) order by start`,
    );
    this.#forget = database.prepare("delete from chunks where file = ?");
    this.#next = database.prepare("select min(file) as file from chunks where file > ?");
  }

  add(file: number, chunks: Iterable<Chunk>): void {
    const written = this.#written.get(file) ?? new Map<number, Chunk>();
    this.#written.set(file, written);
    for (const chunk of chunks) written.set(chunk.start, chunk);
  }

  /**
   * Drops unsaved chunks of a file that was written over or is not used: all, or those that overlap
   * the bytes from `start` to the chunk at `last`.
   */
  drop(file: number, start = 0, last = Number.POSITIVE_INFINITY): void {
    const written = this.#written.get(file);
    for (const chunk of written?.values() ?? []) {
      const reaches = chunk.start + chunk.length > start && chunk.start < last + CHUNK;
      if (reaches) written?.delete(chunk.start);
    }
    if (written?.size === 0) this.#written.delete(file);
  }

  /**
   * Saves the checksums of a part of a file that content refers to now; missing ones are computed
   * from the file. Call it in a transaction.
   *
   * @param open returns a descriptor of the file
   */
  save(file: number, start: number, length: number, open: () => number): void {
    const end = start + length;
    let saved: Chunk[] | undefined;
    for (let at = start; at < end; ) {
      const chunk = this.#takeWritten(file, at, end);
      if (chunk) {
        this.#insert.run(file, chunk.start, chunk.length, chunk.crc);
        at += chunk.length;
        continue;
      }
      saved ??= this.covering(file, start, length);
      const there = saved.find((one) => one.start <= at && one.start + one.length > at);
      if (there) {
        at = there.start + there.length;
        continue;
      }
      const gap = Math.min(end, this.#nextStart(file, saved, at));
      for (const made of measure(open(), at, gap)) {
        this.#insert.run(file, made.start, made.length, made.crc);
      }
      at = gap;
    }
  }

  /** The saved chunks of a part of a file, in order. */
  covering(file: number, start: number, length: number): Chunk[] {
    return this.#between.all(file, start + length, file, start) as unknown as Chunk[];
  }

  /** All saved chunks of a file. */
  of(file: number): Chunk[] {
    return this.covering(file, 0, Number.MAX_SAFE_INTEGER);
  }

  forget(file: number): void {
    this.#written.delete(file);
    this.#forget.run(file);
  }

  *files(): Generator<number, void, undefined> {
    for (let last = Number.MIN_SAFE_INTEGER; ; ) {
      const { file } = this.#next.get(last) as { file: number | null };
      if (file === null) return;
      yield file;
      last = file;
    }
  }

  #takeWritten(file: number, at: number, end: number): Chunk | undefined {
    const written = this.#written.get(file);
    const chunk = written?.get(at);
    if (!written || !chunk || at + chunk.length > end) return undefined;
    written.delete(at);
    if (written.size === 0) this.#written.delete(file);
    return chunk;
  }

  /** Position of the next chunk, saved or not. */
  #nextStart(file: number, saved: readonly Chunk[], at: number): number {
    const written = this.#written.get(file)?.keys() ?? [];
    let next = Number.POSITIVE_INFINITY;
    for (const start of [...written, ...saved.map((chunk) => chunk.start)]) {
      if (start > at && start < next) next = start;
    }
    return next;
  }
}

/** Computes the chunks of a part of a file. */
function measure(descriptor: number, start: number, end: number): Chunk[] {
  const chunker = new Chunker(start);
  const buffer = Buffer.allocUnsafe(CHUNK);
  for (let at = start; at < end; ) {
    const read = readSync(descriptor, buffer, 0, Math.min(CHUNK, end - at), at);
    if (read === 0) throw new Error("a file of the lake is shorter than its segment");
    chunker.update(buffer.subarray(0, read));
    at += read;
  }
  return chunker.end();
}

/** A part of a file to read at once: the whole chunks around what is requested. */
export interface Run {
  readonly start: number;
  readonly length: number;
  /** What is requested, counted from `start`. */
  readonly from: number;
  readonly to: number;
  /** None for a seed. */
  readonly chunks: readonly Chunk[];
}

/**
 * Groups the chunks around a part of a file for reads of about `size` bytes.
 *
 * @throws DamagedFile when bytes have no checksum
 */
export function* runsOf(
  chunks: readonly Chunk[],
  { start, length, path }: { start: number; length: number; path: string },
  bytes: number,
): Generator<Run, void, undefined> {
  const end = start + length;
  let group: Chunk[] = [];
  let at = start;
  for (const chunk of chunks) {
    if (chunk.start > at) break;
    group.push(chunk);
    at = chunk.start + chunk.length;
    const first = group[0]?.start ?? at;
    if (at < end && at - first < bytes) continue;
    const from = Math.max(0, start - first);
    yield { start: first, length: at - first, from, to: Math.min(at, end) - first, chunks: group };
    group = [];
  }
  if (at < end) throw new DamagedFile(path, { start: at, length: end - at }, "have no checksum");
}

/**
 * Compares bytes that were read with their checksums.
 *
 * @param bytes fewer than those of the run when the file is too short
 * @throws DamagedFile for the first chunk that differs
 */
export function verify(bytes: Buffer, { start, length, chunks }: Run, path: string): void {
  if (bytes.length < length) {
    const missing = { start: start + bytes.length, length: length - bytes.length };
    throw new DamagedFile(path, missing, "are missing");
  }
  for (const chunk of chunks) {
    const at = chunk.start - start;
    if (crc32(bytes.subarray(at, at + chunk.length)) !== chunk.crc) {
      throw new DamagedFile(path, chunk, "are not what was written there");
    }
  }
}
