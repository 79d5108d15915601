import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { runAll } from "../../core/run-all.ts";
import type { LakeEntry } from "../../lake/lake.ts";
import { NewFile } from "../../lake/local/new-file.ts";
import type { LakeFiles } from "../lake-files.ts";
import { type Engine, literal } from "../sql/engine.ts";

// The first and the last 4 bytes of a file.
const MAGIC = "PAR1";
const FOOTER_GUESS = 64 * 2 ** 10;
// Bytes that take as long as a request.
const GAP = 256 * 2 ** 10;
const LONGEST = 16 * 2 ** 20;
const READS_AT_ONCE = 8;
// From this part of the file on, all of it is fetched.
const WORTHWHILE = 0.6;

/** A part of a file: first byte, and the one after the last. */
type Range = readonly [start: number, end: number];

interface ChunksOptions {
  /** Names in lower case. */
  readonly columns: ReadonlySet<string>;
  /** Called with the bytes that have arrived, and those of all requested columns. */
  onBytes(arrived: number, total: number): void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Fetches only some columns of a Parquet file into a sparse file that is otherwise like the whole
 * one. The footer has the position of each column (see the Parquet format's `ColumnMetaData`).
 *
 * @returns false when most of the file is needed, or it is broken or was changed
 */
export async function fetchColumnChunks(
  engine: Engine,
  lake: LakeFiles,
  entry: LakeEntry,
  localPath: string,
  { columns, onBytes, signal }: ChunksOptions,
): Promise<boolean> {
  await mkdir(dirname(localPath), { recursive: true, mode: 0o700 });
  const part = await NewFile.create(localPath, { mode: 0o600 });
  const file = part.handle;
  const options = { etag: entry.etag, signal };
  const copy = async ([offset, end]: Range) => {
    const bytes = await lake.read(entry.path, { offset, length: end - offset, ...options });
    await file.write(bytes, 0, bytes.length, offset);
    return bytes;
  };
  try {
    await file.truncate(entry.size);
    if (!(await copyFooter(copy, entry.size))) return false;
    await file.write(MAGIC, 0);
    const ranges = await rangesOf(engine, part.temporary, columns);
    const bytes = ranges?.reduce((sum, [start, end]) => sum + end - start, 0) ?? Infinity;
    if (!ranges || bytes > entry.size * WORTHWHILE) return false;
    if (ranges.some(([, end]) => end > entry.size)) return false;
    let arrived = 0;
    onBytes(0, bytes);
    const bring = async (range: Range) => {
      const { length } = await copy(range);
      arrived += length;
      onBytes(arrived, bytes);
    };
    await runAll(ranges, READS_AT_ONCE, bring);
    await part.place({ overwrite: true, durable: false });
    return true;
  } catch (error) {
    // The file was changed or removed: fetching all of it reports that.
    const { code } = error as { code?: string };
    if (code === "CONFLICT" || code === "NOT_FOUND") return false;
    throw error;
  } finally {
    await part.discard();
  }
}

/**
 * Fetches only the footer of a Parquet file, into a sparse file whose columns can be described and
 * not read.
 *
 * @returns false if the file has none
 */
export async function fetchFooter(
  lake: LakeFiles,
  entry: LakeEntry,
  localPath: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const file = await open(localPath, "w", 0o600);
  try {
    const options = { etag: entry.etag, signal };
    await file.truncate(entry.size);
    const hasFooter = await copyFooter(async ([offset, end]) => {
      const bytes = await lake.read(entry.path, { offset, length: end - offset, ...options });
      await file.write(bytes, 0, bytes.length, offset);
      return bytes;
    }, entry.size);
    if (hasFooter) await file.write(MAGIC, 0);
    return hasFooter;
  } finally {
    await file.close();
  }
}

async function copyFooter(
  copy: (range: Range) => Promise<Uint8Array>,
  size: number,
): Promise<boolean> {
  const start = Math.max(0, size - FOOTER_GUESS);
  const tail = Buffer.from(await copy([start, size]));
  if (tail.length < 8 || tail.toString("latin1", tail.length - 4) !== MAGIC) return false;
  const footer = size - 8 - tail.readUInt32LE(tail.length - 8);
  if (footer < 4) return false;
  if (footer < start) await copy([footer, start]);
  return true;
}

/** Byte ranges of the columns and of their Bloom filters, which the engine may read. */
async function rangesOf(
  engine: Engine,
  path: string,
  columns: ReadonlySet<string>,
): Promise<Range[] | undefined> {
  const result = await engine
    .runAndReadAll(`select lower(path_in_schema),
      least(data_page_offset, coalesce(nullif(dictionary_page_offset, 0), data_page_offset))::double,
      total_compressed_size::double, bloom_filter_offset::double, bloom_filter_length::double
      from parquet_metadata(${literal(path)})`)
    // An error is reported when the whole file is read.
    .catch(() => undefined);
  if (!result) return undefined;
  const ranges: Range[] = [];
  for (const [name, start, bytes, filter, filterBytes] of result.getRowsJson()) {
    // Parts of a nested column have its name and a dot before theirs.
    if (![...columns].some((column) => isWithin(String(name), column))) continue;
    if (typeof start !== "number" || typeof bytes !== "number") return undefined;
    ranges.push([start, start + bytes]);
    if (typeof filter !== "number" || filter === 0) continue;
    if (typeof filterBytes !== "number") return undefined;
    ranges.push([filter, filter + filterBytes]);
  }
  return ranges.length > 0 ? joined(ranges) : undefined;
}

function isWithin(path: string, column: string): boolean {
  return path === column || path.startsWith(`${column}, `);
}

function joined(ranges: readonly Range[]): Range[] {
  const all: Range[] = [];
  for (const [start, end] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = all.at(-1);
    if (last && start - last[1] <= GAP && end - last[0] <= LONGEST) {
      all[all.length - 1] = [last[0], Math.max(last[1], end)];
    } else {
      all.push([start, end]);
    }
  }
  return all;
}
