import { hash } from "node:crypto";
import type { PlaceDescription } from "../../frames/describe-place.ts";
import { partitionsOf } from "../../frames/discover/hive-partitions.ts";
import type { LakeFiles } from "../../frames/lake-files.ts";
import type { ReadOptions, SourceColumn } from "../../frames/read/read-options.ts";
import { coverFiles, type Part } from "./cover-files.ts";
import { identifier, literal, notInSpark } from "./spark-dialect.ts";
import { sparkType } from "./spark-types.ts";

/** A table of a statement as a temporary view of Spark. */
export interface SparkView {
  readonly name: string;
  /** Statements that make it. */
  readonly setup: readonly string[];
}

const MOST_PARTS = 100;
/** Up to this number, matching files are listed one by one. */
const FEW = 20;

/**
 * A temporary view over exactly the files of a path or pattern in a lake, with the columns and
 * types of `query`. Its name is derived from its definition, so that a name never has two meanings.
 *
 * @throws SparkError `NOT_IN_SPARK`
 */
export async function makeView(
  lake: LakeFiles,
  place: string,
  description: PlaceDescription,
  options: ReadOptions,
  signal?: AbortSignal,
): Promise<SparkView> {
  const { format, columns } = description;
  if (format === "arrow" || format === "excel") {
    throw notInSpark(
      `${place}, which is ${format === "arrow" ? "an Arrow file" : "a workbook"},`,
      "Write it as Parquet: writeQuery(lake, …).",
    );
  }
  refuseOptions(place, options);
  if (format === "delta") {
    const url = urlOf(lake, description.table ?? "");
    return view(
      place,
      [],
      `select ${columns.map(({ name, type }) => typed(name, type)).join(", ")} from delta.${identifier(url)}`,
    );
  }
  if (format === "csv" && options.header !== false) {
    await refuseOtherHeaders(lake, place, description, signal);
  }
  const parts = await partsOf(lake, place, description.files, signal);
  const setup: string[] = [];
  const selects = parts.map((part) => {
    const source = sourceOf(lake, part, description, options);
    if (source.setup) setup.push(source.setup);
    const constants = partitionsOf(`${part.path}${part.isFolder ? "/x" : ""}`);
    const shown = columns.map(({ name, type }) => {
      if (!description.partitions.has(name)) return column(description, { name, type });
      const value = constants.get(name);
      if (value === undefined) return typed(name, type);
      return `cast(${value === null ? "null" : literal(value)} as ${sparkType(type)}) as ${identifier(name)}`;
    });
    return `select ${shown.join(", ")} from ${source.sql}`;
  });
  return view(place, setup, selects.join(" union all "));
}

function view(place: string, setup: readonly string[], select: string): SparkView {
  const name = `notelake_${shortHash(place + select)}`;
  return { name, setup: [...setup, `create or replace temporary view ${name} as ${select}`] };
}

function shortHash(text: string): string {
  return hash("sha256", text).slice(0, 16);
}

/** Types in Parquet are used as they are; an engine infers the types of partition columns. */
function column({ format, partitions }: PlaceDescription, { name, type }: SourceColumn): string {
  const isText = format === "csv" || partitions.has(name);
  if (isText && type !== "VARCHAR") return typed(name, type);
  sparkType(type);
  return identifier(name);
}

function typed(name: string, type: string): string {
  return `cast(${identifier(name)} as ${sparkType(type)}) as ${identifier(name)}`;
}

interface SparkSource {
  readonly sql: string;
  readonly setup?: string;
}

function sourceOf(
  lake: LakeFiles,
  part: Part,
  { format, columns, partitions, delimiter, isArray }: PlaceDescription,
  options: ReadOptions,
): SparkSource {
  const url = urlOf(lake, part.isFolder ? `${part.path}/` : part.path);
  if (format === "parquet") return { sql: `parquet.${identifier(url)}` };
  const settings: Record<string, string> = { path: url, mode: "FAILFAST" };
  let schema = "";
  if (format === "csv") {
    const quote = options.quote ?? '"';
    Object.assign(settings, {
      header: String(options.header ?? true),
      inferSchema: "false",
      sep: delimiter ?? ",",
      quote,
      escape: quote,
      multiLine: "true",
      // An empty field is always null; with "" here, a quoted empty field would be, too.
      nullValue: options.nulls?.[0] ?? NO_TEXT,
    });
  } else {
    const own = columns.filter(({ name }) => !partitions.has(name));
    schema = ` (${own.map(({ name, type }) => `${identifier(name)} ${sparkType(type)}`).join(", ")})`;
    if (isArray) settings.multiLine = "true";
  }
  const list = Object.entries(settings).map(([key, value]) => `${key} ${literal(value)}`);
  const sql = `${schema} using ${format} options (${list.join(", ")})`;
  const name = `notelake_${shortHash(sql)}`;
  return { sql: name, setup: `create or replace temporary view ${name}${sql}` };
}

/** Occurs in no file. */
const NO_TEXT = "\u0001";

async function partsOf(
  lake: LakeFiles,
  place: string,
  files: PlaceDescription["files"],
  signal: AbortSignal | undefined,
): Promise<Part[]> {
  const isPattern = /[*?[\]{}]/.test(place);
  let present: readonly { path: string }[] = files;
  if (isPattern && (files.length > FEW || place.includes("**"))) {
    const fixed = place.split(/[*?[\]{}]/)[0] ?? "";
    const folder = fixed.slice(0, Math.max(0, fixed.lastIndexOf("/")));
    const below: { path: string }[] = [];
    const path = folder.startsWith(lake.url) ? folder.slice(lake.url.length) : folder;
    const pattern = path ? `${path.replace(/^\/+/, "")}/**` : "**";
    for await (const entry of lake.list(pattern, { signal })) {
      if (entry.kind === "file") below.push(entry);
    }
    present = below;
  }
  const parts =
    isPattern && present === files
      ? files.map(({ path }) => ({ path, isFolder: false }))
      : coverFiles(files, present);
  const wild = parts.find(({ path }) => /[*?[\]{}\\]/.test(path));
  if (wild)
    throw notInSpark(`the path ${wild.path}`, "Rename it: Spark takes its signs for a pattern.");
  if (parts.length <= MOST_PARTS) return parts;
  throw notInSpark(
    `${place}, which is ${files.length} files between others,`,
    "Name a whole folder, and choose by a condition on its key=value folders.",
  );
}

const HEADERS_AT_ONCE = 16;
const LONGEST_HEADER = 16 * 2 ** 10;

/** Engines match the columns of CSV files by position, `query` by name. */
async function refuseOtherHeaders(
  lake: LakeFiles,
  place: string,
  { files }: PlaceDescription,
  signal: AbortSignal | undefined,
): Promise<void> {
  const plain = files.filter(({ path, size }) => size > 0 && !/\.(gz|gzip|zst|zstd)$/i.test(path));
  const headers = new Map<string, string>();
  const waiting = plain.length > 1 ? plain.values() : [].values();
  const worker = async () => {
    for (const { path, etag } of waiting) {
      const options = { length: LONGEST_HEADER, etag, signal };
      const text = Buffer.from(await lake.read(path, options)).toString("utf8");
      headers.set(text.split(/\r?\n/)[0] ?? "", path);
    }
  };
  await Promise.all(Array.from({ length: HEADERS_AT_ONCE }, worker));
  if (headers.size <= 1) return;
  throw notInSpark(
    `${place}, whose files have other headers (${[...headers.values()].slice(0, 2).join(", ")}),`,
    "Name those that are alike, or write them as Parquet first: writeQuery(lake, …).",
  );
}

function urlOf(lake: LakeFiles, path: string): string {
  return `${lake.url.replace(/\/+$/, "")}/${path}`;
}

/** Refuses read options that Spark lacks. */
function refuseOptions(place: string, options: ReadOptions): void {
  const { skip, decimal, encoding, dateFormat, timestampFormat, nulls, version, at } = options;
  const untranslatable = Object.entries({
    skip: skip || undefined,
    decimal: decimal === "," || undefined,
    encoding: encoding && !/^utf-?8$/i.test(encoding),
    dateFormat,
    timestampFormat,
    nulls: nulls && nulls.length > 1,
    schemas: options.schemas === "union",
    version,
    at,
  }).find(([, value]) => value !== undefined && value !== false);
  if (!untranslatable) return;
  throw notInSpark(
    `{ ${untranslatable[0]} } of ${place}`,
    "Write the files as Parquet first: writeQuery(lake, …).",
  );
}
