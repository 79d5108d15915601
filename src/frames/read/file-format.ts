import { FrameError } from "../../core/errors.ts";

/** File formats that can be read. */
export type FileFormat = "csv" | "json" | "parquet" | "arrow" | "excel";

const BY_EXTENSION: Readonly<Record<string, FileFormat>> = {
  csv: "csv",
  tsv: "csv",
  tab: "csv",
  txt: "csv",
  json: "json",
  ndjson: "json",
  jsonl: "json",
  parquet: "parquet",
  parq: "parquet",
  arrow: "arrow",
  arrows: "arrow",
  ipc: "arrow",
  feather: "arrow",
  xlsx: "excel",
  xlsm: "excel",
};

/**
 * The format by a file's name, without the extension of a compression.
 *
 * @throws FrameError `UNKNOWN_FORMAT`
 */
export function formatOf(path: string): FileFormat {
  const bare = path.replace(/\.(gz|gzip|zst|zstd)$/i, "");
  const extension = /\.([^./]+)$/.exec(bare)?.[1]?.toLowerCase() ?? "";
  const format = BY_EXTENSION[extension];
  if (format) return format;
  throw new FrameError("UNKNOWN_FORMAT", `the name of ${path} does not tell its format`, {
    hint: `Say it: { format: "csv" }, or "json", "parquet", "arrow" or "excel". Known endings: ${Object.keys(BY_EXTENSION).join(", ")}, each also with .gz or .zst.`,
  });
}

/** Whether each line is a JSON object, by the file's name. */
export function isJsonLines(path: string): boolean {
  return /\.(ndjson|jsonl)(\.\w+)?$/i.test(path);
}
