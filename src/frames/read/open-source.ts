import { FrameError } from "../../core/errors.ts";
import type { StagedFile } from "../cache/stage.ts";
import { partitionTypes } from "../discover/hive-partitions.ts";
import type { Engine } from "../sql/engine.ts";
import { refuseTruncated } from "./compressed-files.ts";
import { csvSource } from "./csv/csv-source.ts";
import { type FileFormat, formatOf } from "./file-format.ts";
import { jsonSource } from "./json/json-source.ts";
import { parquetSource } from "./parquet/parquet-source.ts";
import { needsStrictInference, unreadable } from "./read-failures.ts";
import type { OpenOptions, ReadOptions, Source } from "./read-options.ts";
import { tableSource } from "./table-source.ts";

/**
 * Runs `work` with tables over staged files. Types are inferred from the first rows; where a later
 * row does not fit, `work` runs again with types of all rows.
 *
 * @throws FrameError `BAD_ROW`, `BAD_ENCODING`, `BAD_FILE`, `BAD_SQL`
 */
export async function withFiles<T>(
  files: readonly StagedFile[],
  work: (strict: boolean) => Promise<T>,
  maxUnpackedBytes: (file: StagedFile) => number | undefined,
  signal?: AbortSignal,
): Promise<T> {
  try {
    await refuseTruncated(files, maxUnpackedBytes, signal);
    try {
      return await work(false);
    } catch (error) {
      if (!needsStrictInference(error)) throw error;
      return await work(true);
    }
  } catch (error) {
    throw unreadable(error, files);
  }
}

/**
 * Staged files as one source of rows.
 *
 * @param strict infer types from all rows, where the format has none
 * @throws FrameError `UNKNOWN_FORMAT`, `MIXED_FORMATS`, `SCHEMA_MISMATCH`
 */
export function openSource(
  engine: Engine,
  files: readonly StagedFile[],
  options: ReadOptions,
  strict: boolean,
  opening: OpenOptions = {},
): Promise<Source> {
  const { hasFiles = false } = opening;
  const partitions = partitionTypes(files.map(({ entry }) => entry.path));
  const format = options.format ?? commonFormat(files);
  if (format === "csv") return csvSource(engine, files, partitions, options, strict, hasFiles);
  if (format === "json") return jsonSource(engine, files, partitions, options, opening);
  if (format === "parquet")
    return parquetSource(engine, files, partitions, options, { strict, hasFiles });
  return tableSource(engine, files, partitions, options, { format, ...opening });
}

/** @throws FrameError `UNKNOWN_FORMAT`, `MIXED_FORMATS` */
export function commonFormat(files: readonly StagedFile[]): FileFormat {
  const formats = new Map(files.map(({ entry }) => [formatOf(entry.path), entry.path]));
  const [first, second] = [...formats];
  if (first && !second) return first[0];
  const examples = [...formats.values()].join(" and ");
  throw new FrameError("MIXED_FORMATS", `files of several formats: ${examples}`, {
    hint: "Narrow the pattern down to one format, such as `**/*.parquet`.",
  });
}
