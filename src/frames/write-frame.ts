import { rm } from "node:fs/promises";
import { join } from "node:path";
import { FrameError, LakeError } from "../core/errors.ts";
import type { LakeEntry } from "../lake/lake.ts";
import { loadedColumns } from "./danfo/lazy-frame.ts";
import { type WithRows, writeTable } from "./delta/write/write-table.ts";
import { refuseNoLake, type WritableLake } from "./lake-files.ts";
import { type TableOptions, withTables } from "./lake-tables.ts";
import { runInThread } from "./read/parse-thread.ts";
import { fetchColumns } from "./read/values/fetch-columns.ts";
import { describeColumns } from "./sql/describe-columns.ts";
import { type Engine, identifier, literal, makeExportFolder, withEngine } from "./sql/engine.ts";
import { type FrameData, makeFrameTable } from "./sql/frame-as-table.ts";
import { refuseAlike } from "./sql/frame-types.ts";
import { type Parameters, withParameters } from "./sql/sql-parameters.ts";
import { storedTable } from "./sql/stored-table.ts";
import { replaceFolder, restoreFolder } from "./write/replace-folder.ts";
import {
  modeOf,
  refuseTable,
  tableWriteOf,
  type WriteFormat,
  type WriteFrameOptions,
} from "./write/write-options.ts";

/** The written file; for a Delta table its folder and new version. */
export interface WrittenEntry extends LakeEntry {
  readonly version?: number;
}

/**
 * Writes a dataframe to a Parquet, CSV or Excel file of a lake, to a folder of partitions, or to a
 * Delta table. Nothing is seen under the path until all of it is there, and whatever fails, what it
 * held before stays: of a folder, beside it for the moment between two renames.
 *
 * Whole numbers become INTEGER or BIGINT, other numbers DOUBLE, dates without a time DATE, others
 * TIMESTAMP; a column without a value keeps the type that it was read with. In CSV, null is an empty field and empty text is `""`. In Excel, null and NaN are empty
 * cells, and numbers that a double does not hold are text.
 *
 * When another writer commits to a Delta table meanwhile, an append goes behind it; what replaces
 * rows is refused, unless the other one has touched none of the partitions that it replaces.
 *
 * @param lake what `openLake` opened, or `openFolder` for files of this machine
 * @param path of the file, whose ending says the format, or of a folder
 * @param frame a dataframe of Danfo
 * @param options what becomes of what is there, and, of a Delta table, of its columns
 * @throws FrameError `MIXED_COLUMN`, `BAD_COLUMN`, `NO_COLUMN`, `UNKNOWN_FORMAT`, `BAD_OPTION`, and
 *   of Delta tables `SCHEMA_MISMATCH`, `UNSUPPORTED`, `CONFLICT`, `APPEND_ONLY`; LakeError `EXISTS` and so on
 * @example
 * await writeFrame(lake, "out/sales", sales, { partitionBy: ["year"] });
 * await writeFrame(openFolder("."), "sales.xlsx", sales);
 * await writeFrame(lake, "tables/sales", sales, { format: "delta", mode: "append" });
 */
export async function writeFrame(
  lake: WritableLake,
  path: string,
  frame: FrameData,
  options: WriteFrameOptions = {},
): Promise<WrittenEntry> {
  refuseNoLake(lake, "writeFrame", '"sales.parquet", frame');
  const { signal } = options;
  const rows = <T>(work: (engine: Engine) => Promise<T>) =>
    withEngine(async (engine) => {
      await makeFrameTable(engine, "frame", frame, signal);
      return work(engine);
    }, signal);
  const table = tableWriteOf(path, options);
  if (table) {
    refuseAlike(frame.columns);
    const loaded = loadedColumns(frame);
    const stored = loaded && (await storedTable(loaded, signal));
    const withRows: WithRows = (work) =>
      rows(async (engine) => work(engine, await instants(engine)));
    return writeTable(lake, targetOf(path), table, withRows, stored);
  }
  return rows((engine) => write(engine, lake, path, 'from temp."frame"', frame.columns, options));
}

/** A JavaScript Date is an instant: a Delta timestamp with a zone. */
async function instants(engine: Engine): Promise<string> {
  const columns = await describeColumns(engine, 'from temp."frame"');
  const moments = columns.filter(({ type }) => type === "TIMESTAMP");
  if (moments.length === 0) return 'from temp."frame"';
  const casts = moments.map(({ name }) => identifier(name));
  return `select * replace (${casts.map((name) => `${name}::timestamptz as ${name}`).join(", ")}) from temp."frame"`;
}

/**
 * Writes the result of a `select` statement over files of the lake, see `query`, without making a
 * dataframe of it: the result may be larger than memory.
 *
 * @param lake what `openLake` opened, or `openFolder` for files of this machine
 * @param path of the file, whose ending says the format, or of a folder
 * @param sql a `select` statement as `query` takes it
 * @param options those of `writeFrame`, and `parameters`, `frames` and `read` as `query` has them
 * @throws FrameError and LakeError as `writeFrame` and `query` do
 * @example
 * const sql = "select origin, count(*) as flights from 'flights/**\/*.parquet' group by origin";
 * await writeQuery(lake, "out/flights-by-airport.parquet", sql, { overwrite: true });
 */
export async function writeQuery(
  lake: WritableLake,
  path: string,
  sql: string,
  options: WriteFrameOptions & TableOptions & { parameters?: Parameters } = {},
): Promise<WrittenEntry> {
  refuseNoLake(lake, "writeQuery", `"sales.parquet", "from 'sales.csv'"`);
  const { parameters } = options;
  const statement = sql.trim().replace(/;+$/, "");
  const rows = <T>(work: (engine: Engine, sql: string) => Promise<T>) =>
    withEngine(
      (engine) =>
        withTables(engine, lake, statement, options, async (resolved) =>
          work(
            engine,
            parameters ? `from ${await withParameters(engine, resolved, parameters)}` : resolved,
          ),
        ),
      options.signal,
    );
  const table = tableWriteOf(path, options);
  if (table) return writeTable(lake, targetOf(path), table, rows);
  return rows(async (engine, sql) => {
    const columns = (await describeColumns(engine, sql)).map(({ name }) => name);
    return write(engine, lake, path, sql, columns, options);
  });
}

function targetOf(path: string): string {
  return path.replace(/\/+$/, "");
}

async function write(
  engine: Engine,
  lake: WritableLake,
  path: string,
  sql: string,
  columns: readonly string[],
  options: WriteFrameOptions,
): Promise<LakeEntry> {
  const { signal, partitionBy } = options;
  const overwrite = modeOf(options) === "overwrite";
  const format = formatFor(path, options);
  refuseUnknown(partitionBy ?? [], columns);
  const target = targetOf(path);
  if (partitionBy) {
    await refuseTable(lake, target, signal);
    await restoreFolder(lake, target);
  }
  if (!overwrite && (await lake.exists(path, { signal }))) throw exists(lake, path);
  const folder = await makeExportFolder();
  try {
    const local = join(folder, partitionBy ? "parts" : `file.${format}`);
    const parts = partitionBy
      ? `, partition_by (${partitionBy.map(identifier).join(", ")}), filename_pattern 'part-{i}'`
      : "";
    if (format === "excel") {
      await writeExcel(engine, sql, local, signal);
      return await lake.upload(local, path, { overwrite, signal });
    }
    const copy = `copy (${sql}\n) to ${literal(local)} (${FORMATS[format]}${compressionOf(path, format)}${parts})`;
    await engine.run(copy).catch((cause: Error) => {
      throw /^IO Error: .*(write|sync|truncate)/is.test(cause.message)
        ? notWritten(path, cause)
        : cause;
    });
    const call = { overwrite, ...(signal && { signal }) };
    if (!partitionBy) return await lake.upload(local, path, call);
    return await replaceFolder(lake, local, target, call);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The error for a local file that could not be written before its upload. */
function notWritten(path: string, cause: Error): LakeError {
  const isFull = /No space left|quota/i.test(cause.message);
  return new LakeError("LOCAL_FILE", `${path} could not be made on this machine to be uploaded`, {
    hint: isFull
      ? "The disk is full. TMPDIR names another place for temporary files."
      : (cause.message.split("\n")[0] ?? ""),
    cause,
  });
}

const FORMATS = {
  parquet: "format parquet, compression zstd",
  csv: "format csv, header",
} as const;

/** Compression of a CSV file, by its name; Parquet has its own. */
function compressionOf(path: string, format: WriteFormat): string {
  if (format !== "csv") return "";
  if (/\.(gz|gzip)$/i.test(path)) return ", compression gzip";
  return /\.(zst|zstd)$/i.test(path) ? ", compression zstd" : "";
}

function formatFor(path: string, options: WriteFrameOptions): WriteFormat {
  const isExcel = options.format === "excel" || (!options.format && /\.xlsx$/i.test(path));
  if (isExcel && options.partitionBy) {
    throw new FrameError("UNKNOWN_FORMAT", "partitions are not written as Excel files", {
      hint: "Say Parquet or CSV, or write one workbook.",
    });
  }
  if (options.format && options.format !== "delta") return options.format;
  if (isExcel) return "excel";
  if (options.partitionBy || /\.(parquet|parq)$/i.test(path)) return "parquet";
  if (/\.csv(\.(gz|gzip|zst|zstd))?$/i.test(path)) return "csv";
  throw new FrameError("UNKNOWN_FORMAT", `the name of ${path} does not tell how to write it`, {
    hint: 'End it with .parquet, .csv or .xlsx, or say { format: "parquet" }. A Delta table is { format: "delta" }.',
  });
}

function refuseUnknown(partitionBy: readonly string[], columns: readonly string[]): void {
  const unknown = partitionBy.find((name) => !columns.includes(name));
  if (unknown === undefined) return;
  throw new FrameError("NO_COLUMN", `no column ${unknown} to partition by`, {
    hint: `There are ${columns.join(", ")}.`,
  });
}

function exists(lake: WritableLake, path: string): LakeError {
  return new LakeError("EXISTS", `${path} is already in ${lake.url}`, {
    hint: "Say { overwrite: true } to replace it.",
  });
}

/** The bounds of a sheet; see "Excel specifications and limits". */
const MOST_ROWS = 1_048_575;
const MOST_COLUMNS = 16_384;

/**
 * Writes a result as a workbook of one sheet. Text that looks like a formula stays text; null and
 * NaN are empty cells. Numbers that a double does not hold are text, as in a dataframe.
 *
 * @throws FrameError `TOO_LARGE`, `BAD_COLUMN` for what no cell can hold
 */
async function writeExcel(
  engine: Engine,
  sql: string,
  localFile: string,
  signal?: AbortSignal,
): Promise<void> {
  const { rows, columns } = await fetchColumns(engine, sql, MOST_ROWS);
  if (columns.length > MOST_COLUMNS) {
    throw new FrameError("TOO_LARGE", `${columns.length} columns, and a sheet has ${MOST_COLUMNS}`);
  }
  const written = columns.map(({ name, kind, values }) => ({ name, kind, values }));
  await runInThread({ kind: "workbook", localFile, rows, columns: written }, signal);
}
