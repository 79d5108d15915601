import type { StagedFile } from "../../cache/stage.ts";
import { partitionArguments, partitionsOf } from "../../discover/hive-partitions.ts";
import { describeColumns } from "../../sql/describe-columns.ts";
import { type Engine, identifier, literal, literals } from "../../sql/engine.ts";
import { FILE_COLUMN, fileColumnSql } from "../file-column.ts";
import { TOO_WIDE } from "../read-failures.ts";
import type { ReadOptions, Source } from "../read-options.ts";
import { uniteSchemas } from "../unite-schemas.ts";
import { asWritten, exactNanoseconds } from "./nanoseconds.ts";

/** Parquet files as one source. */
export async function parquetSource(
  engine: Engine,
  staged: readonly StagedFile[],
  partitions: ReadonlyMap<string, string>,
  options: ReadOptions,
  { strict, hasFiles }: { strict: boolean; hasFiles: boolean },
): Promise<Source> {
  const files = await exactNanoseconds(engine, staged);
  const paths = literals(files.map(({ localPath }) => localPath));
  if (files.length > 1) await compareSchemas(engine, files, paths, options);
  const readOf = (of: readonly StagedFile[]) => {
    const local = literals(of.map(({ localPath }) => localPath));
    const more = partitionArguments(partitions);
    const call = `read_parquet(${local}, union_by_name = true, ${more})`;
    return withConstants(of, partitions, call);
  };
  const plain = readOf(files);
  const read = hasFiles ? await withFileColumn(engine, files, plain) : plain;
  const narrow = await withoutWide(engine, files, paths, read);
  const sql = files === staged ? narrow : await asWritten(engine, narrow, readOf(staged), strict);
  const held = files.find(({ columns }) => columns)?.columns;
  if (!held) return { sql };
  // A copy may lack the bytes of a column, which must not be read.
  const columns = (await describeColumns(engine, `from ${sql}`)).map(({ name }) => name);
  const isHeld = (name: string) => held.has(name.toLowerCase()) || partitions.has(name);
  const names = columns.filter((name) => isHeld(name) || name === FILE_COLUMN);
  return { sql: `(select ${names.map(identifier).join(", ")} from ${sql})`, columns };
}

async function withFileColumn(
  engine: Engine,
  files: readonly StagedFile[],
  sql: string,
): Promise<string> {
  const names = (await describeColumns(engine, `from ${sql}`)).map(({ name }) => name);
  return `(select *, ${fileColumnSql(files, names)} from ${sql})`;
}

/** DuckDB 1.5.5 crashes in `max` of a partition column of a single file: use a constant there. */
function withConstants(
  files: readonly StagedFile[],
  partitions: ReadonlyMap<string, string>,
  sql: string,
): string {
  const [file, second] = files;
  if (!file || second || partitions.size === 0) return sql;
  const values = partitionsOf(file.entry.path);
  const constants = [...partitions].map(([key, type]) => {
    const value = values.get(key) ?? null;
    return `${value === null ? "null" : literal(value)}::${type} as ${identifier(key)}`;
  });
  return `(select * replace (${constants.join(", ")}) from ${sql})`;
}

/** The engine misreads decimals of more than 38 digits, which must not be read. */
async function withoutWide(
  engine: Engine,
  files: readonly StagedFile[],
  paths: string,
  sql: string,
): Promise<string> {
  const wide = await engine.runAndReadAll(
    `select 1 from parquet_schema(${paths}) where precision > ${MOST_DIGITS} limit 1`,
  );
  if (wide.currentRowCount === 0) return sql;
  const tops = (await topColumns(engine, files, paths)).flat().filter(({ isWide }) => isWide);
  const failing = [...new Set(tops.map(({ name }) => name))].map((name) => {
    const column = identifier(name);
    // Uses the column's values, to fail only where they are read.
    const failure = `error(${literal(`${TOO_WIDE}${name}`)} || left(${column}::varchar, 0))`;
    return `case when ${column} is not null then ${failure} end as ${column}`;
  });
  return `(select * replace (${failing.join(", ")}) from ${sql})`;
}

const MOST_DIGITS = 38;

interface TopColumn {
  readonly name: string;
  readonly type: string;
  /** Whether it has a decimal that the engine has no type for. */
  isWide: boolean;
}

async function compareSchemas(
  engine: Engine,
  files: readonly StagedFile[],
  paths: string,
  options: ReadOptions,
): Promise<void> {
  const columns = await topColumns(engine, files, paths);
  uniteSchemas(
    files.map((file, index) => ({ file, columns: columns[index] ?? [] })),
    options,
  );
}

/** The columns of each file. */
async function topColumns(
  engine: Engine,
  files: readonly StagedFile[],
  paths: string,
): Promise<TopColumn[][]> {
  // The root element has no repetition; its children are the top-level columns.
  const result = await engine.runAndReadAll(
    `select file_name, name, coalesce(num_children, 0)::int, precision > ${MOST_DIGITS} from parquet_schema(${paths})`,
  );
  const columns = new Map<string, TopColumn[]>();
  const pending = new Map<string, number>();
  for (const [file, name, children, isWide] of result.getRowsJson()) {
    const key = String(file);
    const below = pending.get(key);
    if (below === undefined) {
      columns.set(key, []);
      pending.set(key, 0);
      continue;
    }
    const list = columns.get(key) ?? [];
    if (below === 0) list.push({ name: String(name), type: "", isWide: false });
    const top = list.at(-1);
    if (top && isWide === true) top.isWide = true;
    pending.set(key, Math.max(0, below - 1) + Number(children));
  }
  return files.map(({ localPath }) => columns.get(localPath) ?? []);
}
