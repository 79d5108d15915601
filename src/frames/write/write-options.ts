import { FrameError } from "../../core/errors.ts";
import type { TableWrite } from "../delta/write/write-table.ts";
import type { WritableLake } from "../lake-files.ts";

/** How a file is written. */
export type WriteFormat = "parquet" | "csv" | "excel";

/** As what to write, and what becomes of what is there. */
export interface WriteFrameOptions {
  /** Default: from the path's ending; Parquet for a folder. */
  format?: WriteFormat | "delta";
  /** Columns whose values become `key=value` folders below the path, which is then a folder. */
  partitionBy?: readonly string[];
  /**
   * What becomes of what is there: it is refused with code `EXISTS` (`"error"`, the default),
   * replaced (`"overwrite"`), or, in a Delta table, added to (`"append"`).
   */
  mode?: "error" | "append" | "overwrite";
  /** The same as `mode: "overwrite"`. */
  overwrite?: boolean;
  /**
   * Of a Delta table, replace only the partitions for which this SQL condition is true, such as
   * `year = 2026`. Rows of other partitions are refused.
   */
  replaceWhere?: string;
  /** Of a Delta table, replace only the partitions that there are new rows of: `"dynamic"`. */
  partitionOverwriteMode?: "static" | "dynamic";
  /** Add columns to a Delta table that it does not have yet. */
  mergeSchema?: boolean;
  /** With `mode: "overwrite"`, put the columns and partitions of what is written in place of the table's. */
  overwriteSchema?: boolean;
  signal?: AbortSignal;
}

/** What is to become of what is there. @throws FrameError `BAD_OPTION` */
export function modeOf({ mode, overwrite }: WriteFrameOptions): TableWrite["mode"] {
  if (mode !== undefined && !["error", "append", "overwrite"].includes(mode)) {
    throw bad(`there is no mode ${mode}`, 'Say "error", "append" or "overwrite".');
  }
  if (overwrite === undefined) return mode ?? "error";
  const implied = overwrite ? "overwrite" : "error";
  if (mode === undefined || mode === implied) return implied;
  throw bad(`{ overwrite: ${overwrite} } and { mode: "${mode}" } contradict`, "Say one of them.");
}

/**
 * How to write to a Delta table; nothing where files are to be written.
 *
 * @throws FrameError `BAD_OPTION` for options that do not go together
 */
export function tableWriteOf(path: string, options: WriteFrameOptions): TableWrite | undefined {
  const mode = modeOf(options);
  const { replaceWhere, partitionOverwriteMode, mergeSchema, overwriteSchema } = options;
  const isDynamic = partitionOverwriteMode === "dynamic";
  const given = { replaceWhere, partitionOverwriteMode, mergeSchema, overwriteSchema };
  if (options.format !== "delta") {
    const [name] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
    const what = mode === "append" ? '{ mode: "append" }' : name && `{ ${name} }`;
    if (what === undefined) return undefined;
    throw bad(`${what} is for Delta tables`, `Say { format: "delta" } if ${path} is to be one.`);
  }
  const replaces = {
    replaceWhere,
    overwriteSchema,
    'partitionOverwriteMode: "dynamic"': isDynamic,
  };
  const [replaceOption] = Object.entries(replaces).find(([, value]) => value) ?? [];
  if (replaceOption && mode !== "overwrite") {
    throw bad(
      `{ ${replaceOption} } replaces, and the mode is ${mode}`,
      'Say { mode: "overwrite" } too.',
    );
  }
  if ([replaceWhere !== undefined, isDynamic, overwriteSchema].filter(Boolean).length > 1) {
    throw bad(
      "replaceWhere, a dynamic partitionOverwriteMode and overwriteSchema exclude one another",
      "The first two replace some partitions of the table, the third all of it.",
    );
  }
  return {
    mode,
    partitionBy: options.partitionBy,
    replaceWhere,
    isDynamic,
    mergeSchema: mergeSchema ?? false,
    overwriteSchema: overwriteSchema ?? false,
    signal: options.signal,
  };
}

/** Refuses to put a folder of files in the place of a Delta table. @throws FrameError `DELTA_TABLE` */
export async function refuseTable(
  lake: WritableLake,
  target: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const log = target ? `${target}/_delta_log` : "_delta_log";
  if (!(await lake.exists(log, signal ? { signal } : {}))) return;
  throw new FrameError("DELTA_TABLE", `${target} is a Delta table, and not a folder of files`, {
    hint: 'Say { format: "delta" } to write to it.',
  });
}

function bad(message: string, hint: string): FrameError {
  return new FrameError("BAD_OPTION", message, { hint });
}
