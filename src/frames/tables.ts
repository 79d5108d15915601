import { FrameError } from "../core/errors.ts";
import { type Engine, identifier } from "./engine.ts";
import { findFiles } from "./find-files.ts";
import { type FrameData, makeTable } from "./frame-table.ts";
import type { LakeFiles } from "./lake-files.ts";
import type { OnProgress } from "./progress.ts";
import { prune } from "./prune.ts";
import { refuseCut } from "./read/compressed.ts";
import { isDoubt, unreadable } from "./read/failures.ts";
import type { ReadOptions } from "./read/read-options.ts";
import { openSource } from "./read/source.ts";
import { parseSelect, tablesIn } from "./sql-tree.ts";
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
  work: () => Promise<T>,
): Promise<T> {
  const frames = options.frames ?? {};
  for (const [name, frame] of Object.entries(frames)) await makeTable(engine, name, frame);
  const uses = tablesIn(await parseSelect(engine, sql)).filter(({ name }) => !(name in frames));
  const tables = new Map<string, StagedFile[]>();
  for (const { name, conditions } of uses) {
    const found = await findTable(lake, name, options);
    const entries = await prune(engine, found, conditions);
    tables.set(name, await stage(lake, entries, options));
  }
  const files = [...tables.values()].flat();
  const attempt = async (thorough: boolean) => {
    for (const [name, staged] of tables) {
      const source = await openSource(engine, staged, options.read?.[name] ?? {}, thorough);
      await engine.run(`create or replace temp view ${identifier(name)} as from ${source.sql}`);
    }
    return work();
  };
  try {
    await refuseCut(files);
    try {
      return await attempt(false);
    } catch (error) {
      if (!isDoubt(error)) throw error;
      return await attempt(true);
    }
  } catch (error) {
    throw unreadable(error, files);
  }
}

async function findTable(lake: LakeFiles, name: string, options: TableOptions) {
  try {
    return await findFiles(lake, name, options.signal);
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
