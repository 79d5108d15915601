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

/** Something that is not as it was kept. */
export interface Damage {
  /** Path from the account on, as in `contosolake/raw/a.csv`; undefined where that cannot be told. */
  readonly path: string | undefined;
  /** What is wrong, and with which file on disk. */
  readonly what: string;
}

/** What the check of an account found. */
export interface AccountCheck {
  /** Files on disk that content is in, and bytes of them that were compared with their checksums. */
  readonly files: number;
  readonly bytes: number;
  readonly damage: readonly Damage[];
  /** Files on disk that no content names. */
  readonly orphans: readonly string[];
}

/** A run of bytes in a file of the lake that cannot be used. */
interface BadRun {
  readonly start: number;
  readonly end: number;
  readonly what: string;
}

const READ_BYTES = 1024 * 1024;

/**
 * Compares what an account keeps in its folder with its database: every file on disk that content is
 * in, to the last byte. Changes nothing.
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

  /** What lies outside the lake may change, but not be gone. */
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
      // One chunk at a time, so that each damaged one is told.
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

  /** The parts of a file that content is in, in order and without what is in several. */
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

  /** Names every path whose bytes lie in a damaged part of a file. */
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

  /** Every file has as many bytes as its size says. */
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
