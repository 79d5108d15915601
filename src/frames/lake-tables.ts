import { FrameError } from "../core/errors.ts";
import type { LakeEntry } from "../lake/lake.ts";
import type { OnProgress } from "./cache/load-progress.ts";
import { type RequestedColumns, type StagedFile, stage } from "./cache/stage.ts";
import type { Dataset } from "./discover/dataset.ts";
import { findDataset, openDataset } from "./discover/find-dataset.ts";
import { listFiles } from "./discover/find-files.ts";
import type { LakeFiles } from "./lake-files.ts";
import { withFiles } from "./read/open-source.ts";
import { PlainTables } from "./read/plain-csv/plain-tables.ts";
import type { ReadOptions, Source } from "./read/read-options.ts";
import { type Engine, identifier, literals } from "./sql/engine.ts";
import { type FrameData, makeFrameTable } from "./sql/frame-as-table.ts";
import { hideFileColumn, lacksFileColumn } from "./sql/hide-file-column.ts";
import { parseStatement, type Statement } from "./sql/parse-statement.ts";
import { type SqlNode, sqlOf, tablesOf } from "./sql/parse-tree.ts";
import { makePivotEnums } from "./sql/pivot-values.ts";
import { referencedColumns } from "./sql/referenced-columns.ts";

/** What the tables of a statement are. */
export interface TableOptions {
  /** Dataframes that the statement may use as tables. */
  frames?: Readonly<Record<string, FrameData>>;
  /** How to read files, by the path or pattern in the statement. */
  read?: Readonly<Record<string, ReadOptions>>;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/** A table of a statement, before its files are downloaded. */
interface LocatedTable {
  readonly name: string;
  readonly places: readonly string[];
  readonly dataset: Dataset;
  readonly requested: RequestedColumns;
  readonly read: ReadOptions;
}

/**
 * Finds the files of every path in `sql`, except partitions that its conditions rule out.
 * Dataframes become tables of the engine.
 */
export async function findTables(
  engine: Engine,
  lake: LakeFiles,
  sql: string,
  options: TableOptions,
): Promise<{ statement: Statement; tables: readonly LocatedTable[] }> {
  const frames = options.frames ?? {};
  for (const [name, frame] of Object.entries(frames))
    await makeFrameTable(engine, name, frame, options.signal);
  const statement = await parseStatement(engine, sql);
  const { tree, sources } = statement;
  const names = referencedColumns(tree);
  const uses = tablesOf(tree).filter(({ name }) => !Object.hasOwn(frames, name));
  const tables: LocatedTable[] = [];
  for (const { name, conditions } of uses) {
    const source = sources.get(name);
    if (source?.isListing) {
      const files = await listFiles(lake, source.places, options.signal);
      const sql = `select unnest(${literals(files)}::varchar[]) as file`;
      await engine.run(`create or replace temp view ${identifier(name)} as ${sql}`);
      continue;
    }
    const places = source?.places ?? [name];
    const read = { ...source?.options, ...ownOption(options.read, places[0] ?? name) };
    const dataset = await findTable(engine, lake, places, conditions, { ...options, read });
    const requested = { engine, names: names && dataset.namesInFiles?.(names) };
    tables.push({ name, places, dataset, requested, read });
  }
  return { statement, tables };
}

/**
 * Runs `work` where every path in `sql` is a temporary table of this connection, after its files
 * were downloaded, except partitions that its conditions rule out.
 *
 * @param check called with the files before they are downloaded, to refuse them
 */
export async function withTables<T>(
  engine: Engine,
  lake: LakeFiles,
  sql: string,
  options: TableOptions,
  work: (statement: string) => Promise<T>,
  check: (entries: readonly LakeEntry[]) => void = () => {},
): Promise<T> {
  const { statement, tables: located } = await findTables(engine, lake, sql, options);
  check(located.flatMap(({ dataset }) => dataset.entries));
  const read = async (plain?: PlainTables) => {
    const tables: Table[] = [];
    for (const { requested, ...table } of located) {
      const source = await plain?.fetch(lake, { ...table, requested }, options);
      const staging = { ...options, requested };
      const files = source ? [] : await stage(lake, table.dataset.entries, staging);
      tables.push({ ...table, files, source });
    }
    return withFiles(
      tables.flatMap(({ files }) => files),
      async (strict) => work(await openTables(engine, statement, tables, strict)),
      (file) => tables.find(({ files }) => files.includes(file))?.read.maxUnpackedBytes,
      options.signal,
    );
  };
  const plain = new PlainTables();
  try {
    return await read(plain);
  } catch (error) {
    // Reading with strict inference reports the file and the line.
    if (plain.isEmpty || (error as { code?: string }).code === "TOO_LARGE") throw error;
    options.signal?.throwIfAborted();
    return await read();
  } finally {
    await plain.remove();
  }
}

interface Table {
  readonly name: string;
  readonly dataset: Dataset;
  readonly files: readonly StagedFile[];
  readonly read: ReadOptions;
  /** The source of a table without files. */
  readonly source: Source | undefined;
}

/** @returns the statement over the tables */
async function openTables(
  engine: Engine,
  { sql, tree }: Statement,
  tables: readonly Table[],
  strict: boolean,
): Promise<string> {
  const open = async (isNamed: boolean) => {
    const hidden = new Set<string>();
    for (const { name, dataset, files, read, source: plain } of tables) {
      const source =
        plain ?? (await openDataset(engine, dataset, files, { ...read, strict, isNamed }));
      if (source.hasVirtualColumn) hidden.add(name);
      await engine.run(`create or replace temp view ${identifier(name)} as from ${source.sql}`);
    }
    await makePivotEnums(engine, hideFileColumn(tree, hidden));
    if (sql !== undefined && hidden.size === 0) return sql;
    return sqlOf(engine, hideFileColumn(tree, hidden));
  };
  if (!/"filename"/i.test(JSON.stringify(tree))) return open(false);
  try {
    const resolved = await open(false);
    (await engine.prepare(resolved)).destroySync();
    return resolved;
  } catch (error) {
    if (!lacksFileColumn(error)) throw error;
    return open(true);
  }
}

function ownOption(read: TableOptions["read"], place: string): ReadOptions | undefined {
  return Object.hasOwn(read ?? {}, place) ? read?.[place] : undefined;
}

async function findTable(
  engine: Engine,
  lake: LakeFiles,
  places: readonly string[],
  conditions: readonly SqlNode[],
  options: Pick<TableOptions, "frames" | "signal"> & { read: ReadOptions },
): Promise<Dataset> {
  const [name = ""] = places;
  try {
    return await findDataset(engine, lake, places, conditions, options.read, options.signal);
  } catch (error) {
    const isPath = /[/.*]/.test(name);
    if (isPath || (error as { code?: string }).code !== "NOT_FOUND") throw error;
    const known = Object.keys(options.frames ?? {});
    throw new FrameError("NO_TABLE", `${name} is neither a dataframe nor a path in ${lake.url}`, {
      hint: `Dataframes are named in { frames: { ${name}: df } }${known.length > 0 ? `; there are ${known.join(", ")}` : ""}. Paths stand in quotes: from 'folder/*.parquet'.`,
      cause: error,
    });
  }
}
