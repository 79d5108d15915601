import { FrameError } from "../../core/errors.ts";
import type { StagedFile } from "../cache/stage.ts";
import { FILE_COLUMN, fileColumnSql } from "../read/file-column.ts";
import type { Source } from "../read/read-options.ts";
import { type Engine, identifier, literal, literals } from "../sql/engine.ts";
import { makeDeletedRows } from "./deleted-rows.ts";
import type { AddedFile } from "./delta-actions.ts";
import { type Field, sqlOf } from "./delta-schema.ts";
import { type ParquetNode, readTrees } from "./parquet-tree.ts";
import { project } from "./project-columns.ts";
import type { RowRange } from "./roaring.ts";
import { teachVariants } from "./variant-function.ts";

/** A data file that is to be read. */
export interface ScannedFile {
  readonly added: AddedFile;
  readonly staged: StagedFile;
  readonly deleted: readonly RowRange[];
}

/** The columns of a table. */
export interface TableColumns {
  readonly fields: readonly Field[];
  /** Those of them whose values the log has. */
  readonly partitions: readonly Field[];
}

/**
 * The rows of a table's files, in the columns and types of its schema: one `select` for all files
 * that are alike, less the deleted rows.
 *
 * @throws FrameError `UNSUPPORTED`
 */
export async function scan(
  engine: Engine,
  place: string,
  columns: TableColumns,
  files: readonly ScannedFile[],
  hasFiles: boolean,
): Promise<Source> {
  const fields = columns.fields.filter((field) => isHere(field, columns, files));
  const empty = fields.map(({ name, type }) => `null::${sqlOf(type)} as ${identifier(name)}`);
  if (hasFiles) empty.push(`null::varchar as ${identifier(FILE_COLUMN)}`);
  const selects = [`select ${empty.join(", ")} where false`];
  const alike = await readTrees(
    engine,
    files.map(({ staged }) => staged.localPath),
  );
  teachVariants(engine);
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

/** Whether a column may be read: where a copy lacks its bytes, nobody must get at it. */
function isHere(
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
    return project(field, columns, ({ name }) => `data.${identifier(name)}`);
  }
  const values = files.map(({ added }) => partitionLiteral(field, added));
  const isOne = values.every((value) => value === values[0]);
  if (isOne) return values[0] ?? "";
  return `([${values.join(", ")}])[data.file_index::bigint + 1]`;
}

/** A partition value as the log has it, see "Partition Value Serialization"; null if empty. */
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

/** What the engine tells of a row beside its columns; a column of that name would hide it. */
const TOLD = ["file_index", "file_row_number"];

function refuseClash(
  place: string,
  { partitions }: TableColumns,
  columns: readonly ParquetNode[],
  files: readonly ScannedFile[],
): void {
  const isTold = partitions.length > 0 || files.some(({ deleted }) => deleted.length > 0);
  const clash = columns.find(({ name }) => TOLD.includes(name.toLowerCase()));
  if (!isTold || !clash) return;
  throw new FrameError(
    "UNSUPPORTED",
    `the files of the Delta table ${place} have a column named ${clash.name}`,
    {
      hint: "That name is the engine's own where a table has partitions or deletion vectors. Read a copy in which the column has another name.",
    },
  );
}
