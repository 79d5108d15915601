import { FrameError } from "../core/errors.ts";
import { columnsNeeded } from "./columns-needed.ts";
import { type Dataset, findDataset } from "./dataset.ts";
import { type Engine, identifier } from "./engine.ts";
import { type FrameData, makeTable } from "./frame-table.ts";
import type { LakeFiles } from "./lake-files.ts";
import type { OnProgress } from "./progress.ts";
import type { FileFormat } from "./read/format.ts";
import type { ReadOptions } from "./read/read-options.ts";
import { withFiles } from "./read/source.ts";
import { parseStatement } from "./sql-readers.ts";
import { type SqlNode, tablesIn } from "./sql-tree.ts";
import { type StagedFile, stage } from "./staging.ts";

export interface TableOptions {
  /** Dataframes that the statement may name as tables. */
  frames?: Readonly<Record<string, FrameData>>;
  /** How to read files, by the path or pattern as it stands in the statement. */
  read?: Readonly<Record<string, ReadOptions>>;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/**
 * Does `work` where every path that `sql` reads from is a table of the engine: its files are
 * brought to this machine first, except partitions that the statement's conditions rule out. The
 * tables are this connection's alone and go with it.
 */
export async function withTables<T>(
  engine: Engine,
  lake: LakeFiles,
  sql: string,
  options: TableOptions,
  work: (statement: string) => Promise<T>,
): Promise<T> {
  const frames = options.frames ?? {};
  for (const [name, frame] of Object.entries(frames))
    await makeTable(engine, name, frame, options.signal);
  const { sql: statement, tree, formats, before } = await parseStatement(engine, sql);
  const names = columnsNeeded(tree);
  const uses = tablesIn(tree).filter(({ name }) => !Object.hasOwn(frames, name));
  const tables: Table[] = [];
  for (const { name, conditions } of uses) {
    const dataset = await findTable(
      engine,
      lake,
      name,
      conditions,
      withFormat(options, name, formats.get(name)),
    );
    tables.push({
      name,
      dataset,
      files: await stage(lake, dataset.entries, {
        ...options,
        wanted: { engine, names: names && dataset.namesInFiles?.(names) },
      }),
    });
  }
  return withFiles(
    tables.flatMap(({ files }) => files),
    async (thorough) => {
      for (const { name, dataset, files } of tables) {
        const { sql: source } = await dataset.open(files, thorough);
        await engine.run(`create or replace temp view ${identifier(name)} as from ${source}`);
      }
      if (before) await engine.run(before);
      return work(statement);
    },
    (file) => {
      const table = tables.find(({ files }) => files.includes(file));
      return options.read?.[table?.name ?? ""]?.maxUnpackedBytes;
    },
    options.signal,
  );
}

interface Table {
  readonly name: string;
  readonly dataset: Dataset;
  readonly files: readonly StagedFile[];
}

function withFormat(options: TableOptions, name: string, format?: FileFormat): TableOptions {
  if (!format) return options;
  return { ...options, read: { ...options.read, [name]: { format, ...options.read?.[name] } } };
}

async function findTable(
  engine: Engine,
  lake: LakeFiles,
  name: string,
  conditions: readonly SqlNode[],
  options: TableOptions,
): Promise<Dataset> {
  try {
    return await findDataset(
      engine,
      lake,
      name,
      conditions,
      (Object.hasOwn(options.read ?? {}, name) && options.read?.[name]) || {},
      options.signal,
    );
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
