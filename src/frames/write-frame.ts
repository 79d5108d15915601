import { rm } from "node:fs/promises";
import { join } from "node:path";
import { FrameError, LakeError } from "../core/errors.ts";
import type { Lake, LakeEntry } from "../lake/lake.ts";
import { type Engine, identifier, literal, makeExportFolder, withEngine } from "./engine.ts";
import { type FrameData, makeTable } from "./frame-table.ts";
import { refuseNoLake } from "./lake-files.ts";
import { type Parameters, withParameters } from "./read/parameters.ts";
import { putFolder, restoreFolder } from "./replace-folder.ts";
import type { TableOptions } from "./tables.ts";
import { withTables } from "./tables.ts";
import { writeExcel } from "./write-excel.ts";

/** What writing asks of a lake. */
export type WritableLake = Pick<
  Lake,
  "url" | "list" | "stat" | "read" | "download" | "exists" | "upload" | "move" | "remove" | "du"
>;

type WrittenFormat = "parquet" | "csv" | "excel";

export interface WriteFrameOptions {
  /** Default: from the path's ending; Parquet for a folder. */
  format?: WrittenFormat;
  /** Columns whose values become `key=value` folders below the path, which is then a folder. */
  partitionBy?: readonly string[];
  /** Replace what is there; without it, that is refused with code `EXISTS`. */
  overwrite?: boolean;
  signal?: AbortSignal;
}

/**
 * Writes a dataframe to a Parquet, CSV or Excel file of a lake, or to a folder of partitions. Nothing is
 * seen under the path until all of it is there, and whatever fails, what it held before stays: of a
 * folder, beside it for the moment between two renames; see `putFolder`.
 *
 * Whole numbers become INTEGER or BIGINT, other numbers DOUBLE, dates without a time DATE, others
 * TIMESTAMP. In CSV, null is an empty field and empty text is `""`. For Excel see `writeExcel`.
 *
 * @param lake what `openLake` opened, or `openFolder` for files of this machine
 * @throws FrameError `MIXED_COLUMN`, `BAD_COLUMN`, `NO_COLUMN`, `UNKNOWN_FORMAT`; LakeError `EXISTS` and so on
 * @example
 * await writeFrame(lake, "out/sales", sales, { partitionBy: ["year"] });
 * await writeFrame(openFolder("."), "sales.xlsx", sales);
 */
export async function writeFrame(
  lake: WritableLake,
  path: string,
  frame: FrameData,
  options: WriteFrameOptions = {},
): Promise<LakeEntry> {
  refuseNoLake(lake, "writeFrame", '"sales.parquet", frame');
  return withEngine(async (engine) => {
    await makeTable(engine, "frame", frame, options.signal);
    return write(engine, lake, path, 'from temp."frame"', frame.columns, options);
  }, options.signal);
}

/**
 * Writes the result of a `select` statement over files of the lake, see `query`, without making a
 * dataframe of it: the result may be larger than memory. `parameters` are those of `query`.
 */
export async function writeQuery(
  lake: WritableLake,
  path: string,
  sql: string,
  options: WriteFrameOptions & TableOptions & { parameters?: Parameters } = {},
): Promise<LakeEntry> {
  refuseNoLake(lake, "writeQuery", `"sales.parquet", "from 'sales.csv'"`);
  const { parameters } = options;
  const statement = sql.trim().replace(/;+$/, "");
  return withEngine(
    (engine) =>
      withTables(engine, lake, statement, options, async (found) => {
        const sql = parameters ? `from ${await withParameters(engine, found, parameters)}` : found;
        const described = await engine.runAndReadAll(`describe ${sql}`);
        const columns = described.getRowsJson().map(([name]) => String(name));
        return write(engine, lake, path, sql, columns, options);
      }),
    options.signal,
  );
}

async function write(
  engine: Engine,
  lake: WritableLake,
  path: string,
  sql: string,
  columns: readonly string[],
  options: WriteFrameOptions,
): Promise<LakeEntry> {
  const { overwrite = false, signal, partitionBy } = options;
  const format = formatFor(path, options);
  refuseUnknown(partitionBy ?? [], columns);
  const target = path.replace(/\/+$/, "");
  if (partitionBy) await restoreFolder(lake, target);
  if (!overwrite && (await lake.exists(path, signal ? { signal } : {}))) throw exists(lake, path);
  const folder = await makeExportFolder();
  try {
    const local = join(folder, partitionBy ? "parts" : `file.${format}`);
    const parts = partitionBy
      ? `, partition_by (${partitionBy.map(identifier).join(", ")}), filename_pattern 'part-{i}'`
      : "";
    if (format === "excel") {
      await writeExcel(engine, sql, local, signal);
      return await lake.upload(local, path, { overwrite, ...(signal && { signal }) });
    }
    const copy = `copy (${sql}\n) to ${literal(local)} (${FORMATS[format]}${compressionOf(path, format)}${parts})`;
    await engine.run(copy).catch((cause: Error) => {
      throw /^IO Error: .*(write|sync|truncate)/is.test(cause.message)
        ? notWritten(path, cause)
        : cause;
    });
    const call = { overwrite, ...(signal && { signal }) };
    if (!partitionBy) return await lake.upload(local, path, call);
    return await putFolder(lake, local, target, call);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The file that was to be sent to the lake could not be made on this machine. */
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

/** What a CSV file's name says of its compression; Parquet has its own inside. */
function compressionOf(path: string, format: WrittenFormat): string {
  if (format !== "csv") return "";
  if (/\.(gz|gzip)$/i.test(path)) return ", compression gzip";
  return /\.(zst|zstd)$/i.test(path) ? ", compression zstd" : "";
}

function formatFor(path: string, options: WriteFrameOptions): WrittenFormat {
  const isExcel = options.format === "excel" || (!options.format && /\.xlsx$/i.test(path));
  if (isExcel && options.partitionBy) {
    throw new FrameError("UNKNOWN_FORMAT", "partitions are not written as Excel files", {
      hint: "Say Parquet or CSV, or write one workbook.",
    });
  }
  if (options.format) return options.format;
  if (isExcel) return "excel";
  if (options.partitionBy || /\.(parquet|parq)$/i.test(path)) return "parquet";
  if (/\.csv(\.(gz|gzip|zst|zstd))?$/i.test(path)) return "csv";
  throw new FrameError("UNKNOWN_FORMAT", `the name of ${path} does not tell how to write it`, {
    hint: 'End it with .parquet, .csv or .xlsx, or say { format: "parquet" }.',
  });
}

function refuseUnknown(wanted: readonly string[], columns: readonly string[]): void {
  const unknown = wanted.find((name) => !columns.includes(name));
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
