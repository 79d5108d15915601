import { FrameError } from "../core/errors.ts";
import type { LakeEntry } from "../lake/lake.ts";
import type { OnProgress } from "./cache/load-progress.ts";
import { stage } from "./cache/stage.ts";
import type { DataFrame } from "./danfo/danfo-module.ts";
import { makeFrame } from "./danfo/lazy-frame.ts";
import { loadDanfo } from "./danfo/load-danfo.ts";
import type { Dataset } from "./discover/dataset.ts";
import { findDataset, openDataset } from "./discover/find-dataset.ts";
import { type LakeFiles, refuseNoLake } from "./lake-files.ts";
import { refuseBytes } from "./query-plan.ts";
import { withFiles } from "./read/open-source.ts";
import { loadPlain, mayBePlain } from "./read/plain-csv/load-plain.ts";
import type { ReadOptions, Source } from "./read/read-options.ts";
import { type Columns, fetchColumns } from "./read/values/fetch-columns.ts";
import { describeColumns } from "./sql/describe-columns.ts";
import { type Engine, identifier, withEngine } from "./sql/engine.ts";
import { parseSelect, tablesOf } from "./sql/parse-tree.ts";
import { referencedColumns } from "./sql/referenced-columns.ts";

/** What to load, and how. */
export interface LoadFrameOptions extends ReadOptions {
  /** Columns to load, in this order. Default: all. */
  columns?: readonly string[];
  /** Rows to load, as an SQL condition such as `month = 1 and dep_delay > 60`. */
  where?: string;
  /** The first rows only. */
  limit?: number;
  /** Random rows; the same ones for the same seed (default 1). */
  sample?: number | { readonly rows: number; readonly seed: number };
  /** Refuse more rows than this. Default 10,000,000. */
  maxRows?: number;
  /** Refuse to download more bytes than this. Default 2 GiB. */
  maxBytes?: number;
  onProgress?: OnProgress;
  signal?: AbortSignal | undefined;
}

const MAX_ROWS = 10_000_000;
const MAX_BYTES = 2 * 2 ** 30;
const FEWER = "Narrow the pattern down, or name partitions in { where }.";

/**
 * Loads files of a lake into a Danfo DataFrame: CSV, JSON, Parquet, Arrow IPC, Excel sheets.
 *
 * Values arrive as they are in the files; see `FrameColumn` for what becomes of each type. Folders
 * named `key=value` become columns, and files that `where` rules out by them are never downloaded.
 *
 * @param place path, folder or glob of files that belong together, or folder of a Delta table
 * @throws FrameError `NO_FILES`, `NO_COLUMN`, `TOO_LARGE`, `BAD_ROW`, `BAD_FILE`, `BAD_SQL`,
 *   `NO_SHEET`, `UNKNOWN_TYPE` and those of `findDataset`; LakeError
 */
export async function loadFrame(
  lake: LakeFiles,
  place: string,
  options: LoadFrameOptions = {},
): Promise<DataFrame> {
  refuseNoLake(lake, "loadFrame", '"sales.csv"');
  const { signal, onProgress } = options;
  const danfo = loadDanfo();
  const loaded = await withEngine(async (engine) => {
    const conditions = await conditionsOf(engine, options.where);
    const dataset = await findDataset(engine, lake, [place], conditions, options, signal);
    refuseBytes(dataset.entries, options.maxBytes ?? MAX_BYTES, FEWER);
    const names = await namesIn(engine, options);
    const requested = { engine, names: names && dataset.namesInFiles?.(names) };
    const plain = mayTryPlain(dataset, options) ? dataset.entries[0] : undefined;
    const read = plain && (await fetchPlain(lake, plain, options));
    if (read) return read;
    // The plain CSV reader has reported its own progress.
    const onStaged = plain ? undefined : onProgress;
    const files = await stage(lake, dataset.entries, { onProgress: onStaged, signal, requested });
    return withFiles(
      files,
      async (strict) => {
        const source = await openDataset(engine, dataset, files, { ...options, strict });
        return fetchRows(engine, source, options);
      },
      () => options.maxUnpackedBytes,
      signal,
    );
  }, signal);
  return makeFrame(await danfo, loaded);
}

/** Whether all rows of files that the plain CSV reader may read are requested. */
function mayTryPlain({ entries, isTable }: Dataset, options: LoadFrameOptions): boolean {
  const { columns, where, limit, sample } = options;
  const isPart = where !== undefined || limit !== undefined || sample !== undefined;
  const areDistinct = !columns || (columns.length > 0 && new Set(columns).size === columns.length);
  return !isTable && !isPart && areDistinct && mayBePlain(entries, options);
}

/** Undefined where the file or the options need the engine. */
async function fetchPlain(
  lake: LakeFiles,
  entry: LakeEntry,
  options: LoadFrameOptions,
): Promise<Columns | undefined> {
  const { columns: names, maxRows = MAX_ROWS } = options;
  const requested = names && new Set(names.map((name) => name.toLowerCase()));
  const loaded = await loadPlain(lake, entry, { ...options, requested });
  if (!loaded || loaded.rows > maxRows) return undefined;
  if (!names) return loaded;
  const columns = names.flatMap((name) => loaded.columns.filter((each) => each.name === name));
  return columns.length === names.length ? { ...loaded, columns } : undefined;
}

async function conditionsOf(engine: Engine, where: string | undefined) {
  if (!where) return [];
  const tree = await parseSelect(engine, `select 1 from "files" where ${where}\n`);
  const tables = tablesOf(tree);
  const other = tables.find(({ name }) => name !== "files");
  if (other) {
    throw new FrameError("BAD_SQL", `{ where } reads another table: ${other.name}`, {
      hint: "A condition speaks of the loaded files alone; query(lake, sql) joins several tables.",
    });
  }
  return tables[0]?.conditions ?? [];
}

/** The columns that the options name, if they limit them. */
async function namesIn(engine: Engine, { columns, where }: LoadFrameOptions) {
  if (!columns || columns.length === 0) return undefined;
  const named = columns.map(identifier).join(", ");
  const condition = where ? ` where ${where}\n` : "";
  return referencedColumns(await parseSelect(engine, `select ${named} from "files"${condition}`));
}

async function fetchRows(
  engine: Engine,
  source: Source,
  options: LoadFrameOptions,
): Promise<Columns> {
  const { columns, where, limit, sample } = options;
  if (columns) await refuseUnknown(engine, source, columns);
  const parts = [`select ${columns?.map(identifier).join(", ") ?? "*"} from ${source.sql}`];
  if (where) parts.push(`where ${where}\n`);
  if (limit !== undefined) parts.push(`limit ${Number(limit)}`);
  const sql = sample === undefined ? parts.join(" ") : sampled(parts.join(" "), sample);
  return fetchColumns(engine, sql, options.maxRows ?? MAX_ROWS);
}

function sampled(sql: string, sample: NonNullable<LoadFrameOptions["sample"]>): string {
  const { rows, seed } = typeof sample === "number" ? { rows: sample, seed: 1 } : sample;
  return `select * from (${sql}) using sample reservoir(${Number(rows)} rows) repeatable (${Number(seed)})`;
}

async function refuseUnknown(
  engine: Engine,
  source: Source,
  columns: readonly string[],
): Promise<void> {
  const described = await describeColumns(engine, `from ${source.sql}`);
  const known = source.columns ?? described.map(({ name }) => name);
  const unknown = columns.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new FrameError("NO_COLUMN", `no column ${unknown}`, {
    hint: `There are ${known.join(", ")}. Names are case-sensitive.`,
  });
}
