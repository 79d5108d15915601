import { existsSync, readdirSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "../../database-sync.ts";
import { fileIn } from "./byte-files.ts";
import { Chunks, DamagedFile, runsOf, verify } from "./chunks.ts";
import { wrongWithDatabase } from "./lake-schema.ts";
import { NodeNames } from "./node-names.ts";
import { Seeds } from "./seeds.ts";
import { BYTES, NAMES } from "./share-files.ts";

/** A damaged file or row. */
export interface Damage {
  /** `contosolake/raw/a.csv`; undefined when it cannot be told. */
  readonly path: string | undefined;
  readonly what: string;
}

export interface AccountCheck {
  /** Files with content, and their bytes that were compared with checksums. */
  readonly files: number;
  readonly bytes: number;
  readonly damage: readonly Damage[];
  /** Files that no content refers to. */
  readonly orphans: readonly string[];
}

/** A damaged part of a file. */
interface BadRun {
  readonly start: number;
  readonly end: number;
  readonly what: string;
}

const READ_BYTES = 1024 * 1024;

/**
 * Compares an account's folder with its database: every file that has content, to the last byte.
 * Changes nothing.
 *
 * @param name what paths begin with
 */
export async function checkAccount(
  folder: string,
  name: string,
  signal: AbortSignal,
): Promise<AccountCheck> {
  const file = join(folder, NAMES);
  const wrong = wrongWithDatabase(file);
  if (wrong !== undefined) {
    const what = `${file} ${wrong}; nothing else of this account can be checked`;
    return { files: 0, bytes: 0, damage: [{ path: undefined, what }], orphans: [] };
  }
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return await new Check(database, join(folder, BYTES), name, signal).run();
  } finally {
    database.close();
  }
}

class Check {
  readonly #database: DatabaseSync;
  readonly #folder: string;
  readonly #account: string;
  readonly #signal: AbortSignal;
  readonly #chunks: Chunks;
  readonly #seeds: Seeds;
  readonly #names: NodeNames;
  readonly #damage: Damage[] = [];
  #bytes = 0;

  constructor(database: DatabaseSync, folder: string, account: string, signal: AbortSignal) {
    this.#database = database;
    this.#folder = folder;
    this.#account = account;
    this.#signal = signal;
    this.#chunks = new Chunks(database);
    this.#seeds = new Seeds(database);
    this.#names = new NodeNames(database);
  }

  async run(): Promise<AccountCheck> {
    const rows = this.#database.prepare("select distinct file from segments").all();
    const files = rows.map(({ file }) => Number(file));
    for (const file of files) {
      this.#signal.throwIfAborted();
      const source = this.#seeds.sourceOf(file);
      if (source === undefined) await this.#checkFile(file);
      else this.#checkSeed(file, source);
    }
    this.#checkSizes();
    const orphans = this.#orphans(new Set(files));
    return { files: files.length, bytes: this.#bytes, damage: this.#damage, orphans };
  }

  /** A seed may change, but must exist. */
  #checkSeed(file: number, source: string): void {
    if (statSync(source, { throwIfNoEntry: false })?.isFile()) return;
    this.#blame(file, { start: 0, end: Number.MAX_SAFE_INTEGER, what: `${source} is missing` });
  }

  async #checkFile(file: number): Promise<void> {
    const path = fileIn(this.#folder, file);
    if (!existsSync(path)) {
      this.#blame(file, { start: 0, end: Number.MAX_SAFE_INTEGER, what: `${path} is missing` });
      return;
    }
    const handle = await open(path, "r");
    try {
      const buffer = Buffer.allocUnsafe(READ_BYTES);
      for (const { start, length } of this.#usedIn(file)) {
        for (let at = start; at < start + length; at += READ_BYTES) {
          this.#signal.throwIfAborted();
          const part = { start: at, length: Math.min(READ_BYTES, start + length - at), path };
          await this.#checkPart(file, handle, part, buffer);
        }
      }
    } finally {
      await handle.close();
    }
  }

  async #checkPart(
    file: number,
    handle: Awaited<ReturnType<typeof open>>,
    part: { start: number; length: number; path: string },
    buffer: Buffer,
  ): Promise<void> {
    const { path } = part;
    const chunks = this.#chunks.covering(file, part.start, part.length);
    try {
      // One chunk at a time, to report each damaged one.
      for (const run of runsOf(chunks, part, 1)) {
        const { bytesRead } = await handle.read(buffer, 0, run.length, run.start);
        this.#bytes += bytesRead;
        this.#catch(file, () => verify(buffer.subarray(0, bytesRead), run, path));
      }
    } catch (error) {
      this.#catch(file, () => {
        throw error;
      });
    }
  }

  #catch(file: number, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof DamagedFile)) throw error;
      this.#blame(file, { start: error.start, end: error.end, what: error.what });
    }
  }

  /** The parts of a file that have content, in order, overlaps merged. */
  #usedIn(file: number): { start: number; length: number }[] {
    const rows = this.#database
      .prepare("select distinct offset, length from segments where file = ? order by offset")
      .all(file) as unknown as { offset: number; length: number }[];
    const parts: { start: number; length: number }[] = [];
    for (const { offset, length } of rows) {
      const last = parts.at(-1);
      const from = Math.max(offset, last ? last.start + last.length : 0);
      if (offset + length > from) parts.push({ start: from, length: offset + length - from });
    }
    return parts;
  }

  /** Reports every path with bytes in a damaged part of a file. */
  #blame(file: number, { start, end, what }: BadRun): void {
    const rows = this.#database
      .prepare(
        "select distinct node from segments where file = ? and offset < ? and offset + length > ?",
      )
      .all(file, end, start) as unknown as { node: number }[];
    for (const { node } of rows) this.#add(node, what);
  }

  #add(node: number, what: string): void {
    const path = this.#names.of(node);
    if (path !== undefined) this.#damage.push({ path: `${this.#account}/${path}`, what });
  }

  /** Compares sizes with the bytes that files have. */
  #checkSizes(): void {
    const rows = this.#database
      .prepare(
        `select id, size, coalesce(sum(length), 0) as held from nodes
         left join segments on segments.node = nodes.id
         where directory = 0 and not exists
         (select 1 from segments join seeds on seeds.file = segments.file where node = nodes.id)
         group by id having size <> held`,
      )
      .all() as unknown as { id: number; size: number; held: number }[];
    for (const { id, size, held } of rows) {
      this.#add(id, `has ${held} bytes, and its size is ${size}`);
    }
  }

  #orphans(used: ReadonlySet<number>): string[] {
    if (!existsSync(this.#folder)) return [];
    return readdirSync(this.#folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
      entry.isFile() && !used.has(Number(entry.name)) ? [join(entry.parentPath, entry.name)] : [],
    );
  }
}
