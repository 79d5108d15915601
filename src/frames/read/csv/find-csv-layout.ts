import { FrameError } from "../../../core/errors.ts";
import type { StagedFile } from "../../cache/stage.ts";
import { type Engine, identifier, literal, literals } from "../../sql/engine.ts";
import { refuseColumns } from "../column-limit.ts";
import { unpacked } from "../compressed-files.ts";
import { tooLongLine, unreadable } from "../read-failures.ts";
import type { ReadOptions, SourceColumn } from "../read-options.ts";
import { refuseSurplus } from "./csv-scan.ts";

/** Dialect and columns of a CSV file. */
export interface CsvLayout {
  readonly file: StagedFile;
  /** Arguments of `read_csv` beside the files and the columns. */
  readonly dialect: string;
  readonly columns: readonly SourceColumn[];
}

/** Types that are inferred; everything else is text. */
const INFERRED = "['BOOLEAN', 'BIGINT', 'DOUBLE', 'DATE', 'TIMESTAMP', 'TIMESTAMPTZ', 'VARCHAR']";
// Buffer size where the first rows are enough, in bytes.
const BUFFER = 4 * 2 ** 20;
const MAX_LINE_BYTES = 2_000_000;
const ISO_DATE = "%Y-%m-%d";

/**
 * Finds the dialect and the columns of a CSV file.
 *
 * @param strict infer the types from all rows, and not from the first 20,000
 * @throws FrameError `BAD_ROW`, `BAD_ENCODING`, `EMPTY_FILE`, `NO_HEADER`
 */
export async function findCsvLayout(
  engine: Engine,
  file: StagedFile,
  options: ReadOptions,
  strict: boolean,
): Promise<CsvLayout> {
  const header = await firstLine(engine, file, options);
  const delimiter = options.delimiter ?? likelyDelimiter(header, file);
  refuseColumns(file, cells(header, delimiter), options);
  const dialect = dialectArguments(options, delimiter);
  const formats = formatArguments(options);
  const path = literal(file.localPath);
  const extent = strict ? "sample_size = -1" : `sample_size = 20000, ${bufferArgument(options)}`;
  try {
    const sniffed = await engine.runAndReadAll(
      `select unnest(Columns).name, unnest(Columns).type, DateFormat, TimestampFormat
       from sniff_csv(${path}, ${dialect}, ${formats} auto_type_candidates = ${INFERRED},
       ${extent})`,
    );
    const columns = sniffed.getRowsJson().map(([name, type, date, timestamp]) => ({
      name: String(name),
      type: isoOnly(String(type), date, timestamp, options),
    }));
    refuseMissingHeader(columns, file, options);
    refuseOtherCount(cells(header, delimiter), columns, file, header);
    await refuseSurplus(file, columns.length, delimiter, options);
    return { file, dialect: `${dialect}, ${formats}`, columns };
  } catch (error) {
    if (error instanceof FrameError) throw error;
    await findBadRow(engine, file, dialect, cells(header, delimiter));
    throw unreadable(error, [file]);
  }
}

// `12/11/2013` may be in November or in December: only ISO dates are inferred.
function isoOnly(type: string, date: unknown, timestamp: unknown, options: ReadOptions): string {
  const guessed = (format: unknown) => typeof format === "string" && !format.startsWith(ISO_DATE);
  if (type === "DATE" && guessed(date) && !options.dateFormat) return "VARCHAR";
  const isTimestamp = type.startsWith("TIMESTAMP");
  if (isTimestamp && guessed(timestamp) && !options.timestampFormat) return "VARCHAR";
  return type;
}

/** Reads all of a malformed file as text, to find the first bad row. */
async function findBadRow(engine: Engine, file: StagedFile, dialect: string, count: number) {
  const names = Array.from({ length: count }, (_, index) => `'c${index}': 'VARCHAR'`);
  try {
    await engine.run(
      `select count(*) from (select * from read_csv(${literal(file.localPath)}, ${dialect},
       auto_detect = false, columns = {${names.join(", ")}})) where hash(c0) = 0`,
    );
  } catch (error) {
    throw unreadable(error, [file]);
  }
}

/** The lines of a file, in a column `line`, for `from`. */
export function linesOf(file: StagedFile, options: ReadOptions): string {
  const { skip = 0 } = options;
  return `read_csv(${literal(file.localPath)}, auto_detect = false, header = false, quote = '',
    escape = '', delim = '\x1f', columns = {'line': 'VARCHAR'}, strict_mode = false, skip = ${skip},
    ${lineArgument(options)}, ${bufferArgument(options)})`;
}

function lineArgument({ maxLineBytes = MAX_LINE_BYTES }: ReadOptions): string {
  return `max_line_size = ${Number(maxLineBytes)}`;
}

/** A line must fit into half of the buffer. */
function bufferArgument({ maxLineBytes = MAX_LINE_BYTES }: ReadOptions): string {
  return `buffer_size = ${Math.max(BUFFER, 2 * Number(maxLineBytes))}`;
}

async function firstLine(engine: Engine, file: StagedFile, options: ReadOptions): Promise<string> {
  try {
    const result = await engine.runAndReadAll(`select line from ${linesOf(file, options)} limit 1`);
    const line = result.getRowsJson()[0]?.[0];
    if (typeof line === "string") return refuseZeros(line, file);
  } catch (error) {
    throw unreadable(error, [file]);
  }
  // A compressed file whose first line does not fit reads as empty, without an error.
  const limit = options.maxLineBytes ?? MAX_LINE_BYTES;
  let bytes = 0;
  for await (const chunk of unpacked(file.localPath)) {
    bytes += chunk.length;
    if (bytes > limit) throw tooLongLine(file.entry.path, 1 + (options.skip ?? 0), limit);
  }
  throw new FrameError("EMPTY_FILE", `${file.entry.path} has no rows, not even a header`, {
    hint: "Leave the file out, or write a header line into it.",
  });
}

/** Zero bytes are valid UTF-8, but mean UTF-16. */
function refuseZeros(line: string, file: StagedFile): string {
  if (!line.includes("\0")) return line;
  throw new FrameError("BAD_ENCODING", `${file.entry.path}, line 1: there are zero bytes`, {
    hint: 'It may be encoded in UTF-16: say { encoding: "utf-16" }.',
  });
}

function likelyDelimiter(line: string, file: StagedFile): string {
  if (/\.(tsv|tab)(\.\w+)?$/i.test(file.entry.path)) return "\t";
  const bare = line.replace(/"(?:[^"]|"")*"/g, "");
  const counts = [",", ";", "\t", "|"].map((sign) => ({ sign, count: bare.split(sign).length }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).sign;
}

function cells(line: string, delimiter: string): number {
  return line.replace(/"(?:[^"]|"")*"/g, "").split(delimiter).length;
}

function dialectArguments(options: ReadOptions, delimiter: string): string {
  const quote = options.quote ?? '"';
  return [
    `delim = ${literal(delimiter)}`,
    `quote = ${literal(quote)}, escape = ${literal(quote)}`,
    `header = ${options.header ?? true}, skip = ${options.skip ?? 0}`,
    `nullstr = ${literals(["", ...(options.nulls ?? [])])}, allow_quoted_nulls = false`,
    `decimal_separator = ${literal(options.decimal ?? ".")}`,
    lineArgument(options),
    "strict_mode = true, null_padding = false, comment = ''",
  ].join(", ");
}

function formatArguments(options: ReadOptions): string {
  const { dateFormat, timestampFormat } = options;
  const date = dateFormat ? `dateformat = ${literal(dateFormat)}, ` : "";
  return date + (timestampFormat ? `timestampformat = ${literal(timestampFormat)}, ` : "");
}

/** The engine skips a first line with fewer cells than the rows below it. */
function refuseOtherCount(
  sniffed: number,
  columns: readonly SourceColumn[],
  file: StagedFile,
  line: string,
): void {
  // An open quote continues in the next line.
  const isWhole = line.trim() !== "" && line.split('"').length % 2 === 1;
  if (!isWhole || sniffed === columns.length) return;
  throw new FrameError(
    "BAD_ROW",
    `${file.entry.path}, line 1: expected ${columns.length} columns, found ${sniffed}`,
    {
      hint: `The line reads: ${line.slice(0, 200)}\nThe rows below have ${columns.length}. Fix the line; or pass over lines before the header with { skip }.`,
    },
  );
}

function refuseMissingHeader(
  columns: readonly SourceColumn[],
  file: StagedFile,
  options: ReadOptions,
): void {
  if (options.header !== undefined || !columns.every(({ name }) => /^[-+\d.,]+$/.test(name)))
    return;
  const names = columns.map(({ name }) => identifier(name)).join(", ");
  throw new FrameError("NO_HEADER", `the first line of ${file.entry.path} names no columns`, {
    hint: `It reads ${names}. If it is data, say { header: false }; if it is a header, { header: true }.`,
  });
}
