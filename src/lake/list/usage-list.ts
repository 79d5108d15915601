import { type Listing, listingOf } from "../../core/listing.ts";
import type { Lake, LakeCallOptions } from "../lake.ts";
import { pathIn } from "../url/location.ts";

/** What a folder, or all files of one kind, hold. */
export interface UsagePart {
  /** Path of the folder with a slash at its end, or an ending such as `.parquet`. */
  readonly name: string;
  readonly files: number;
  readonly size: number;
  /** Its largest file, in bytes. */
  readonly largest: number;
  /** When the newest of its files was changed. */
  readonly newest: Date | undefined;
}

export interface ListUsageOptions extends LakeCallOptions {
  /** By the folders that files are in (the default), or by the endings of their names. */
  by?: "folder" | "kind";
  /** Levels of folders below `path` that get a row of their own. Default 1. */
  depth?: number;
}

/**
 * Number and size of the files of a lake, by folder or by kind, the largest first. Files are listed, not
 * read.
 *
 * @param lake what `openLake` opened
 * @param path of the folder to look into. Default: the root
 * @param options by folders of which depth, or by kinds of files
 * @throws LakeError
 * @example
 * listUsage(lake);                                     // one row a folder
 * listUsage(lake, "sales", { by: "kind" });            // .parquet, .csv and so on
 */
export function listUsage(
  lake: Pick<Lake, "url" | "list">,
  path = "",
  options: ListUsageOptions = {},
): Listing<UsagePart> {
  const { by = "folder" } = options;
  const base = pathIn(lake, path).replace(/^\/+|\/+$/g, "");
  const facts = { what: `what ${base || lake.url} holds, by ${by}`, noun: by };
  return listingOf(facts, () => partsOf(lake, base, options)).sortBy("size", "descending");
}

async function* partsOf(
  lake: Pick<Lake, "list">,
  base: string,
  { by = "folder", depth = 1, signal }: ListUsageOptions,
): AsyncGenerator<UsagePart> {
  const parts = new Map<string, { -readonly [Key in keyof UsagePart]: UsagePart[Key] }>();
  const pattern = base ? `${base.replace(/[*?[\]{}()!\\]/g, "\\$&")}/**` : "**";
  for await (const entry of lake.list(pattern, { hidden: true, signal })) {
    if (entry.kind === "directory") continue;
    const name = by === "kind" ? kindOf(entry.path) : folderOf(entry.path, base, depth);
    const part = parts.get(name) ?? { name, files: 0, size: 0, largest: 0, newest: undefined };
    part.files++;
    part.size += entry.size;
    part.largest = Math.max(part.largest, entry.size);
    if (!part.newest || entry.modified > part.newest) part.newest = entry.modified;
    parts.set(name, part);
  }
  yield* parts.values();
}

/** `.csv.gz` of `sales/01.csv.gz`. */
function kindOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  return /.(\.[a-z0-9]+(?:\.(?:gz|gzip|zst|bz2|snappy|crc))?)$/.exec(name)?.[1] ?? "without ending";
}

function folderOf(path: string, base: string, depth: number): string {
  const names = path
    .slice(base ? base.length + 1 : 0)
    .split("/")
    .slice(0, -1);
  const folder = [...(base ? [base] : []), ...names.slice(0, depth)].join("/");
  return `${folder}/`;
}
