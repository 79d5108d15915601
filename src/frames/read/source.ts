import { FrameError } from "../../core/errors.ts";
import type { Engine } from "../engine.ts";
import type { StagedFile } from "../staging.ts";
import { refuseCut } from "./compressed.ts";
import { csvSource } from "./csv.ts";
import { isDoubt, unreadable } from "./failures.ts";
import { type FileFormat, formatOf } from "./format.ts";
import { jsonSource } from "./json.ts";
import { parquetSource } from "./parquet.ts";
import { partitionTypes } from "./partitions.ts";
import type { ReadOptions, Source } from "./read-options.ts";

/**
 * Does `work` with staged files as one source of rows. Types that the first rows suggest are tried
 * first; where a later row does not fit, `work` is done anew with types settled by all rows.
 *
 * @throws FrameError `UNKNOWN_FORMAT`, `MIXED_FORMATS`, `BAD_ROW`, `BAD_ENCODING`, `BAD_FILE`,
 *   `BAD_SQL`, `SCHEMA_MISMATCH`
 */
export async function withSource<T>(
  engine: Engine,
  files: readonly StagedFile[],
  options: ReadOptions,
  work: (source: Source) => Promise<T>,
): Promise<T> {
  const open = (thorough: boolean) => openSource(engine, files, options, thorough);
  try {
    await refuseCut(files);
    try {
      return await work(await open(false));
    } catch (error) {
      if (!isDoubt(error)) throw error;
      return await work(await open(true));
    }
  } catch (error) {
    throw unreadable(error, files);
  }
}

/** The source that staged files are, see `withSource`. */
export function openSource(
  engine: Engine,
  files: readonly StagedFile[],
  options: ReadOptions,
  thorough: boolean,
): Promise<Source> {
  const partitions = partitionTypes(files.map(({ entry }) => entry.path));
  const format = options.format ?? commonFormat(files);
  if (format === "csv") return csvSource(engine, files, partitions, options, thorough);
  if (format === "json") return jsonSource(engine, files, partitions);
  return parquetSource(engine, files, partitions, options);
}

function commonFormat(files: readonly StagedFile[]): FileFormat {
  const formats = new Map(files.map(({ entry }) => [formatOf(entry.path), entry.path]));
  const [first, second] = [...formats];
  if (first && !second) return first[0];
  const examples = [...formats.values()].join(" and ");
  throw new FrameError("MIXED_FORMATS", `files of several formats: ${examples}`, {
    hint: "Narrow the pattern down to one format, such as `**/*.parquet`.",
  });
}
