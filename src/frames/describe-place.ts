import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FrameError } from "../core/errors.ts";
import type { LakeEntry } from "../lake/lake.ts";
import { fetchFooter } from "./cache/column-chunks.ts";
import { type StagedFile, stage } from "./cache/stage.ts";
import { openDeltaTable } from "./delta/open-delta-table.ts";
import { findFiles } from "./discover/find-files.ts";
import { partitionsOf, partitionTypes } from "./discover/hive-partitions.ts";
import type { LakeFiles } from "./lake-files.ts";
import { findCsvLayout } from "./read/csv/find-csv-layout.ts";
import { type FileFormat, formatOf, isJsonLines } from "./read/file-format.ts";
import { commonFormat, openSource } from "./read/open-source.ts";
import { unreadable } from "./read/read-failures.ts";
import type { ReadOptions, SourceColumn } from "./read/read-options.ts";
import { describeColumns } from "./sql/describe-columns.ts";
import { type Engine, makeExportFolder } from "./sql/engine.ts";

/** What is known of a table in a lake without reading all of it. */
export interface PlaceDescription {
  readonly format: FileFormat | "delta";
  /** The folder, of a Delta table. */
  readonly table?: string;
  readonly files: readonly LakeEntry[];
  readonly columns: readonly SourceColumn[];
  /** SQL types of the `key=value` folders, by name. */
  readonly partitions: ReadonlyMap<string, string>;
  /** CSV: what stands between two fields. */
  readonly delimiter?: string;
  /** JSON: whether a file is one array, and not an object a line. */
  readonly isArray?: boolean;
}

/** Bytes of a text file from which its columns are inferred. */
const SAMPLE = 2 ** 20;
/** The same where there are many files. */
const HEAD = 2 ** 14;

/**
 * The files and columns of a path, a folder or a glob. The footer of one Parquet file is fetched,
 * or the first MiB of one CSV or JSON file: types that only later rows show are not seen.
 *
 * @throws FrameError `NO_FILES`, `UNKNOWN_FORMAT`, `MIXED_FORMATS` and so on; LakeError
 */
export async function describePlace(
  engine: Engine,
  lake: LakeFiles,
  place: string,
  options: ReadOptions,
  signal?: AbortSignal,
): Promise<PlaceDescription> {
  const matches = await findFiles(lake, place, signal);
  const { files, table } = matches;
  if (table !== undefined) {
    const { version, at } = options;
    const requested = { version, at, signal };
    const dataset = await openDeltaTable(engine, lake, table, matches.all, [], requested);
    const { sql } = await dataset.open([], true);
    const columns = await describeColumns(engine, `from ${sql}`);
    return { format: "delta", table, files: dataset.entries, columns, partitions: new Map() };
  }
  const format = options.format ?? commonFormat(files.map((entry) => ({ entry, localPath: "" })));
  const partitions = partitionTypes(files.map(({ path }) => path));
  const [first] = files;
  if (!first || format === "arrow" || format === "excel") {
    return { format, files, columns: [], partitions };
  }
  const folder = await makeExportFolder();
  try {
    const sample = await sampleOf(lake, first, format, folder, signal);
    try {
      const { sql } = await openSource(engine, [sample], { ...options, format }, true);
      const known = await describeColumns(engine, `from ${sql}`);
      // Types of partitions are inferred from the folders of all files.
      const columns = known
        .filter(({ name }) => partitions.has(name) || !partitionsOf(first.path).has(name))
        .map(({ name, type }) => ({ name, type: partitions.get(name) ?? type }));
      return {
        format,
        files,
        columns,
        partitions,
        ...(await textFacts(engine, sample, format, options)),
      };
    } catch (error) {
      throw unreadable(error, [sample]);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The columns of a file, those of its `key=value` folders among them. Of a Parquet file the footer
 * is fetched, of CSV and JSON the first 16 KiB; Arrow and Excel files are not described.
 *
 * @throws FrameError `TOO_LARGE` for a file of which more would have to be read; LakeError
 */
export async function columnsOfFile(
  engine: Engine,
  lake: LakeFiles,
  entry: LakeEntry,
  signal?: AbortSignal,
): Promise<readonly SourceColumn[]> {
  const format = formatOf(entry.path);
  if (format === "arrow" || format === "excel") return [];
  const folder = await makeExportFolder();
  try {
    const limits = { sample: HEAD, maxBytes: SAMPLE };
    const sample = await sampleOf(lake, entry, format, folder, signal, limits);
    try {
      const { sql } = await openSource(engine, [sample], { format }, false);
      return await describeColumns(engine, `from ${sql}`);
    } catch (error) {
      throw unreadable(error, [sample]);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A local sample of a file to infer columns from; all of it if need be, up to a limit. */
async function sampleOf(
  lake: LakeFiles,
  entry: LakeEntry,
  format: FileFormat,
  folder: string,
  signal: AbortSignal | undefined,
  { sample = SAMPLE, maxBytes = Number.POSITIVE_INFINITY } = {},
): Promise<StagedFile> {
  const localPath = join(folder, entry.path);
  await mkdir(dirname(localPath), { recursive: true });
  if (format === "parquet") {
    if (await fetchFooter(lake, entry, localPath, signal)) return { entry, localPath };
    if (maxBytes !== Number.POSITIVE_INFINITY) {
      throw new FrameError("BAD_FILE", `${entry.path} does not end as a Parquet file does`);
    }
  } else if (
    (entry.size > sample || maxBytes !== Number.POSITIVE_INFINITY) &&
    !/\.(gz|gzip|zst|zstd)$/i.test(entry.path)
  ) {
    const { etag, size } = entry;
    const length = Math.min(sample, size);
    const bytes = await lake.read(entry.path, { length, etag, signal });
    const isWhole = bytes.length === size;
    const end = isWhole ? size : bytes.lastIndexOf(0x0a) + 1;
    if (isWhole || (end > 0 && !isOneArray(bytes))) {
      await writeFile(localPath, bytes.subarray(0, end));
      return { entry, localPath };
    }
  }
  if (entry.size > maxBytes) {
    const message = `the columns of ${entry.path} cannot be told without reading all of it`;
    throw new FrameError("TOO_LARGE", message, { hint: "loadFrame reads it." });
  }
  const [staged] = await stage(lake, [entry], { signal });
  return staged ?? { entry, localPath };
}

async function textFacts(
  engine: Engine,
  sample: StagedFile,
  format: FileFormat,
  options: ReadOptions,
): Promise<Pick<PlaceDescription, "delimiter" | "isArray">> {
  if (format === "csv") {
    const { dialect } = await findCsvLayout(engine, sample, options, true);
    return { delimiter: /delim = '(.*?)',/s.exec(dialect)?.[1] ?? "," };
  }
  if (format !== "json" || isJsonLines(sample.entry.path)) return {};
  const start = await engine.runAndReadAll(
    `select trim(content)[1] from read_text('${sample.localPath.replaceAll("'", "''")}')`,
  );
  return { isArray: start.getRowsJson()[0]?.[0] === "[" };
}

function isOneArray(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 1000)).toString("latin1").trimStart().startsWith("[");
}
