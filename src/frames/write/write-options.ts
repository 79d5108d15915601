import { FrameError } from "../../core/errors.ts";
import type { TableWrite } from "../delta/write/write-table.ts";
import type { WritableLake, WriteFrameOptions } from "../write-frame.ts";

/** What is to become of what is there. @throws FrameError `BAD_OPTION` */
export function modeOf({ mode, overwrite }: WriteFrameOptions): TableWrite["mode"] {
  if (mode !== undefined && !["error", "append", "overwrite"].includes(mode)) {
    throw bad(`there is no mode ${mode}`, 'Say "error", "append" or "overwrite".');
  }
  if (overwrite === undefined) return mode ?? "error";
  const meant = overwrite ? "overwrite" : "error";
  if (mode === undefined || mode === meant) return meant;
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
  const [replacing] = Object.entries(replaces).find(([, value]) => value) ?? [];
  if (replacing && mode !== "overwrite") {
    throw bad(
      `{ ${replacing} } replaces, and the mode is ${mode}`,
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
