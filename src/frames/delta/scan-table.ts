import { BIGINT, DuckDBDataChunk } from "@duckdb/node-api";
import { FrameError } from "../../core/errors.ts";
import type { StagedFile } from "../cache/stage.ts";
import { FILE_COLUMN, fileColumnSql } from "../read/file-column.ts";
import type { Source } from "../read/read-options.ts";
import { type Engine, identifier, literal, literals } from "../sql/engine.ts";
import type { AddedFile } from "./delta-actions.ts";
import { type Field, sqlOf } from "./delta-schema.ts";
import { type ParquetNode, readTrees } from "./parquet-tree.ts";
import { projectField } from "./project-field.ts";
import type { RowRange } from "./roaring.ts";
import { registerVariantFunction } from "./variant.ts";

/** A data file that is to be read. */
export interface ScannedFile {
  readonly added: AddedFile;
  readonly staged: StagedFile;
  readonly deleted: readonly RowRange[];
}

export interface TableColumns {
  readonly fields: readonly Field[];
  /** Partition columns. */
  readonly partitions: readonly Field[];
}

/**
 * The rows of a table's files, in the columns and types of its schema: one `select` for all files
 * with the same columns, without deleted rows.
 *
 * @throws FrameError `UNSUPPORTED`
 */
export async function scanTable(
  engine: Engine,
  place: string,
  columns: TableColumns,
  files: readonly ScannedFile[],
  hasFiles: boolean,
): Promise<Source> {
  const fields = columns.fields.filter((field) => isInFiles(field, columns, files));
  const empty = fields.map(({ name, type }) => `null::${sqlOf(type)} as ${identifier(name)}`);
  if (hasFiles) empty.push(`null::varchar as ${identifier(FILE_COLUMN)}`);
  const selects = [`select ${empty.join(", ")} where false`];
  const alike = await readTrees(
    engine,
    files.map(({ staged }) => staged.localPath),
  );
  registerVariantFunction(engine);
  for (const group of alike) {
    const members = group.files.flatMap((index) => files[index] ?? []);
    const whole = members.filter(({ deleted }) => deleted.length === 0);
    const marked = members.filter(({ deleted }) => deleted.length > 0);
    for (const some of [whole, marked].filter(({ length }) => length > 0)) {
      refuseClash(place, columns, group.columns, some);
      const list = fields.map(
        (field) =>
          `${expression(field, columns, group.columns, some)} as ${identifier(field.name)}`,
      );
      if (hasFiles) {
        const names = group.columns.map(({ name }) => name);
        list.push(
          fileColumnSql(
            some.map(({ staged }) => staged),
            names,
          ),
        );
      }
      selects.push(`select ${list.join(", ")} from ${await rowsOf(engine, some)}`);
    }
  }
  const sql = `(${selects.join(" union all ")})`;
  if (fields.length === columns.fields.length) return { sql };
  return { sql, columns: columns.fields.map(({ name }) => name) };
}

/** Whether a column may be read: a copy may lack its bytes. */
function isInFiles(
  field: Field,
  { partitions }: TableColumns,
  files: readonly ScannedFile[],
): boolean {
  const name = field.physicalName.toLowerCase();
  const lacks = files.some(({ staged }) => staged.columns && !staged.columns.has(name));
  return !lacks || partitions.includes(field);
}

async function rowsOf(engine: Engine, files: readonly ScannedFile[]): Promise<string> {
  const paths = literals(files.map(({ staged }) => staged.localPath));
  const rows = `read_parquet(${paths}, hive_partitioning = false) as data`;
  if (files.every(({ deleted }) => deleted.length === 0)) return rows;
  const table = await makeDeletedRows(
    engine,
    files.map(({ deleted }) => deleted),
  );
  return `${rows} anti join ${table} as deleted
    on deleted.file = data.file_index and deleted.row = data.file_row_number`;
}

function expression(
  field: Field,
  { partitions }: TableColumns,
  columns: readonly ParquetNode[],
  files: readonly ScannedFile[],
): string {
  if (!partitions.includes(field)) {
    return projectField(field, columns, ({ name }) => `data.${identifier(name)}`);
  }
  const values = files.map(({ added }) => partitionLiteral(field, added));
  const isOne = values.every((value) => value === values[0]);
  if (isOne) return values[0] ?? "";
  return `([${values.join(", ")}])[data.file_index::bigint + 1]`;
}

/** A partition value, see "Partition Value Serialization"; null if empty. */
export function partitionValue(
  field: Field,
  added: Pick<AddedFile, "partitionValues">,
): string | null {
  return added.partitionValues[field.physicalName] || null;
}

/** The same as SQL, in the type of its column. */
export function partitionLiteral(field: Field, added: Pick<AddedFile, "partitionValues">): string {
  const value = partitionValue(field, added);
  const type = sqlOf(field.type);
  if (value === null) return `null::${type}`;
  return type === "BLOB" ? `encode(${literal(value)})` : `${literal(value)}::${type}`;
}

/** Columns that the engine adds; a column of the same name would hide them. */
const ENGINE_COLUMNS = ["file_index", "file_row_number"];

function refuseClash(
  place: string,
  { partitions }: TableColumns,
  columns: readonly ParquetNode[],
  files: readonly ScannedFile[],
): void {
  const needsEngineColumns =
    partitions.length > 0 || files.some(({ deleted }) => deleted.length > 0);
  const clash = columns.find(({ name }) => ENGINE_COLUMNS.includes(name.toLowerCase()));
  if (!needsEngineColumns || !clash) return;
  throw new FrameError(
    "UNSUPPORTED",
    `the files of the Delta table ${place} have a column named ${clash.name}`,
    {
      hint: "That name is the engine's own where a table has partitions or deletion vectors. Read a copy in which the column has another name.",
    },
  );
}

const RANGES_AT_ONCE = 2048;

let tablesSoFar = 0;

/**
 * Creates a temporary table of deleted rows, with the columns `file`, an index in the list, and
 * `row`, both counted from 0.
 *
 * @returns the table's name, quoted
 */
async function makeDeletedRows(
  engine: Engine,
  files: readonly (readonly RowRange[])[],
): Promise<string> {
  const name = `notelake deleted ${tablesSoFar++}`;
  const ranges = `${name} ranges`;
  await engine.run(
    `create temp table ${identifier(ranges)} (file bigint, first bigint, rows bigint)`,
  );
  const appender = await engine.createAppender(ranges, "main", "temp");
  for (const [file, list] of files.entries()) {
    for (let at = 0; at < list.length; at += RANGES_AT_ONCE) {
      const some = list.slice(at, at + RANGES_AT_ONCE);
      const chunk = DuckDBDataChunk.create([BIGINT, BIGINT, BIGINT], some.length);
      const place = BigInt(file);
      chunk.setColumnValues(
        0,
        some.map(() => place),
      );
      chunk.setColumnValues(
        1,
        some.map(({ first }) => BigInt(first)),
      );
      chunk.setColumnValues(
        2,
        some.map(({ rows }) => BigInt(rows)),
      );
      appender.appendDataChunk(chunk);
    }
  }
  appender.closeSync();
  await engine.run(
    `create temp table ${identifier(name)} as
     select file, unnest(range(first, first + rows)) as row from temp.${identifier(ranges)}`,
  );
  await engine.run(`drop table temp.${identifier(ranges)}`);
  return `temp.${identifier(name)}`;
}
