import { randomUUID } from "node:crypto";
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { runAll } from "../../../core/run-all.ts";
import type { WritableLake } from "../../lake-files.ts";
import { type Engine, identifier, literal, makeExportFolder } from "../../sql/engine.ts";
import type { StoredTable } from "../../sql/stored-table.ts";
import type { AddedFile } from "../delta-actions.ts";
import { fieldsOf } from "../delta-schema.ts";
import { factsOf } from "./column-bounds.ts";
import { pathBelow } from "./commit.ts";
import { FRAME_TYPES } from "./delta-types.ts";
import { type ColumnFacts, statsOf } from "./file-stats.ts";
import { explainMisfit, fitColumns, SOURCE } from "./fit-columns.ts";
import { partitionFolder } from "./partition-text.ts";
import { writeStoredFile } from "./stored-file.ts";
import type { SourceColumn, TableSchema } from "./table-schema.ts";

/** A Parquet file on this machine, and how the log is to add it. */
export interface DataFile {
  readonly localPath: string;
  /** Path below the table's folder. */
  readonly path: string;
  readonly rows: number;
  readonly add: AddedFile;
}

/** The files that a statement made, in a folder that whoever asked for them removes. */
export interface DataFiles {
  readonly folder: string;
  readonly files: readonly DataFile[];
}

/** Bytes after which an unpartitioned table gets another file. */
const FILE_BYTES = 256 * 2 ** 20;
const CODEC = "snappy";

/**
 * Makes the Parquet files that hold the rows of a statement: one a partition, or one in all.
 *
 * @throws FrameError `SCHEMA_MISMATCH`, `BAD_COLUMN` where a value does not fit the table
 */
export async function makeDataFiles(
  engine: Engine,
  place: string,
  sql: string,
  columns: readonly SourceColumn[],
  schema: TableSchema,
  settings: Readonly<Record<string, string>>,
): Promise<DataFiles> {
  const schemaString = JSON.stringify({ type: "struct", fields: schema.fields });
  const fields = fieldsOf(place, { schemaString }, "none");
  const { data, partitions } = await fitColumns(engine, place, sql, schema, fields, columns);
  const names = partitions.map((_, index) => identifier(`notelake partition ${index}`));
  const texts = partitions.map((text, index) => `${text} as ${names[index]}`);
  const select = `select ${[...data, ...texts].join(", ")} from (${sql}\n) as ${SOURCE}`;
  const folder = await makeExportFolder();
  const layout =
    names.length > 0
      ? `partition_by (${names.join(", ")}), filename_pattern 'part-{uuid}'`
      : `file_size_bytes ${FILE_BYTES}`;
  try {
    const written = await engine.runAndReadAll(
      `copy (${select}) to ${literal(join(folder, "files"))}
       (format parquet, compression ${CODEC}, return_stats, ${layout})`,
    );
    const rows = written.getRowObjectsJson() as unknown as WrittenRow[];
    const filled = rows.filter(({ count }) => Number(count) > 0);
    return { folder, files: filled.map((row) => dataFile(row, schema, settings)) };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw explainMisfit(error, place, schema.fields, columns);
  }
}

/**
 * Makes the Parquet file of a dataframe that still is as the engine gave it, for a table that has
 * its columns as they are and no partitions.
 *
 * @returns nothing where that is not so, or the engine makes a better one
 */
export async function makeStoredFile(
  stored: StoredTable,
  schema: TableSchema,
  settings: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<DataFiles | undefined> {
  const names = namesInTable(stored, schema);
  if (!names) return undefined;
  const folder = await makeExportFolder();
  const localPath = join(folder, "file.parquet");
  try {
    const bounds = await writeStoredFile(localPath, stored, names, signal);
    if (bounds) {
      const { size } = await stat(localPath);
      const rows = stored.chunks.reduce((sum, { rowCount }) => sum + rowCount, 0);
      const facts = new Map(
        bounds.map((each, index) => [
          identifier(names[index] ?? ""),
          factsOf(stored.types[index] ?? "text", each),
        ]),
      );
      const path = `part-00000-${randomUUID()}-c000.parquet`;
      const add = addedFile(path, {}, size, statsOf(rows, schema.fields, facts, settings));
      return { folder, files: [{ localPath, path, rows, add }] };
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  await rm(folder, { recursive: true, force: true });
  return undefined;
}

/** What the table calls each column of a dataframe; nothing where it would have to be changed. */
function namesInTable(
  { columns, types }: StoredTable,
  { fields, partitionColumns }: TableSchema,
): string[] | undefined {
  if (partitionColumns.length > 0 || fields.length !== columns.length) return undefined;
  const names = columns.map(({ name }, index) => {
    const field = fields.find((one) => one.name.toLowerCase() === name.toLowerCase());
    const isSame = field?.type === FRAME_TYPES[types[index] ?? "text"];
    return isSame && field?.nullable !== false ? field?.name : undefined;
  });
  return names.every((name) => name !== undefined) ? names : undefined;
}

/** What the engine tells of a file that it wrote: numbers as text, maps as lists of pairs. */
interface WrittenRow {
  readonly filename: string;
  readonly count: string;
  readonly file_size_bytes: string;
  readonly column_statistics: readonly Pair<readonly Pair<string>[]>[];
  readonly partition_keys: readonly Pair<string | null>[] | null;
}

interface Pair<T> {
  readonly key: string;
  readonly value: T;
}

function dataFile(
  row: WrittenRow,
  { fields, partitionColumns }: TableSchema,
  settings: Readonly<Record<string, string>>,
): DataFile {
  const values = (row.partition_keys ?? []).map(({ value }) => value);
  const partitionValues = Object.fromEntries(
    partitionColumns.map((name, index) => [name, values[index] ?? null]),
  );
  const name = `part-00000-${randomUUID()}-c000.${CODEC}.parquet`;
  const folder = partitionFolder(partitionValues);
  const path = folder ? `${folder}/${name}` : name;
  const facts = new Map<string, ColumnFacts>(
    row.column_statistics.map(({ key, value }) => [
      key,
      new Map(value.map((fact) => [fact.key, fact.value])),
    ]),
  );
  const data = fields.filter((field) => !partitionColumns.includes(field.name));
  const rows = Number(row.count);
  return {
    localPath: row.filename,
    path,
    rows,
    add: addedFile(
      path,
      partitionValues,
      Number(row.file_size_bytes),
      statsOf(rows, data, facts, settings),
    ),
  };
}

function addedFile(
  path: string,
  partitionValues: AddedFile["partitionValues"],
  size: number,
  stats: string,
): AddedFile {
  const modificationTime = Date.now();
  return {
    path: encodeURI(path),
    partitionValues,
    size,
    modificationTime,
    dataChange: true,
    stats,
  };
}

const UPLOADS_AT_ONCE = 4;

/** Uploads data files, several at a time; where one cannot be, none of them stays. */
export async function uploadDataFiles(
  lake: WritableLake,
  place: string,
  files: DataFiles["files"],
  signal: AbortSignal | undefined,
): Promise<void> {
  const upload = ({ localPath, path }: DataFile, signal: AbortSignal) =>
    lake.upload(localPath, pathBelow(place, path), { signal });
  await runAll(files, UPLOADS_AT_ONCE, upload, signal).catch(async (error) => {
    await removeDataFiles(lake, place, files);
    throw error;
  });
}

/** Removes files that no commit will name; those that stay are seen by nobody. */
export async function removeDataFiles(
  lake: WritableLake,
  place: string,
  files: DataFiles["files"],
): Promise<void> {
  const removing = files.map(({ path }) => lake.remove(pathBelow(place, path)));
  await Promise.allSettled(removing);
}
