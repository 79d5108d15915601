import { FrameError } from "../../core/errors.ts";
import type { StagedFile } from "../cache/stage.ts";
import { describeColumns } from "../sql/describe-columns.ts";
import { type Engine, identifier, literal, literals } from "../sql/engine.ts";
import type { ReadOptions, Source } from "./read-options.ts";

/** A column with the path of the file of each row. */
export interface FilenameColumn {
  readonly name: string;
  /** Whether a column of that name in the files replaces it, and `*` does not include it. */
  readonly isVirtual: boolean;
}

/** Its name until the columns of the files are known. */
export const FILE_COLUMN = "notelake filename";

/** The engine's column with the index of a file in the list. */
const FILE_INDEX = "file_index";

/** @param isNamed whether a statement has a column `filename` */
export function fileColumnOf(
  { filename }: ReadOptions,
  isNamed: boolean,
): FilenameColumn | undefined {
  if (filename) return { name: filename === true ? "filename" : filename, isVirtual: false };
  return isNamed ? { name: "filename", isVirtual: true } : undefined;
}

/**
 * SQL of the column, for a `select` from a reader of these files.
 *
 * @param names of the files' own columns
 * @throws FrameError `BAD_COLUMN`
 */
export function fileColumnSql(files: readonly StagedFile[], names: readonly string[]): string {
  const paths = files.map(({ entry }) => entry.path);
  const [path = "", second] = paths;
  const column = identifier(FILE_COLUMN);
  if (second === undefined) return `${literal(path)} as ${column}`;
  const clash = names.find((name) => name.toLowerCase() === FILE_INDEX);
  if (!clash) return `(${literals(paths)})[${FILE_INDEX}::bigint + 1] as ${column}`;
  throw new FrameError("BAD_COLUMN", `${path} has a column ${clash}, which the engine needs`, {
    hint: "Where files have one, their names cannot be told. Read them one by one.",
  });
}

/** Gives the column its name in a source that has it. @throws FrameError `BAD_COLUMN` */
export async function nameFileColumn(
  engine: Engine,
  source: Source,
  { name, isVirtual }: FilenameColumn,
): Promise<Source> {
  const own = (await describeColumns(engine, `from ${source.sql}`)).map(({ name }) => name);
  const there = (source.columns ?? own).find((other) => other.toLowerCase() === name.toLowerCase());
  const column = identifier(FILE_COLUMN);
  if (there !== undefined && !isVirtual) {
    throw new FrameError("BAD_COLUMN", `the files have a column ${there} of their own`, {
      hint: 'Give that of their names another: { filename: "file" }.',
    });
  }
  const hasIt = there === undefined;
  const named = hasIt ? `, ${column} as ${identifier(name)}` : "";
  const sql = `(select * exclude (${column})${named} from ${source.sql})`;
  const columns = source.columns && [...source.columns, ...(hasIt ? [name] : [])];
  return {
    sql,
    ...(columns && { columns: columns.filter((other) => other !== FILE_COLUMN) }),
    ...(hasIt && isVirtual && { hasVirtualColumn: true }),
  };
}
