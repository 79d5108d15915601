import type { LakeEntry } from "../lake/lake.ts";
import { openDeltaTable } from "./delta/table.ts";
import type { Engine } from "./engine.ts";
import { findFiles } from "./find-files.ts";
import type { LakeFiles } from "./lake-files.ts";
import { prune } from "./prune.ts";
import type { ReadOptions, Source } from "./read/read-options.ts";
import { openSource } from "./read/source.ts";
import type { SqlNode } from "./sql-tree.ts";
import type { StagedFile } from "./staging.ts";

/** Files of a lake that make one table together. */
export interface Dataset {
  /** The files that are needed. */
  readonly entries: readonly LakeEntry[];
  /** Whether it is a table with a log of its own, and not just files. */
  readonly isTable: boolean;
  /**
   * What columns are named in the files, in lower case; absent where they cannot be fetched apart.
   */
  readonly namesInFiles?: ((names: ReadonlySet<string>) => ReadonlySet<string>) | undefined;
  /** The table, once the files are on this machine. With `thorough`, see `openSource`. */
  open(files: readonly StagedFile[], thorough: boolean): Promise<Source>;
}

/**
 * What a path, a folder or a glob stands for: files, or a Delta table if the folder has a
 * transaction log. Files that `conditions` rule out by their partition are left out.
 *
 * @throws FrameError `NO_FILES`, and those of `openDeltaTable`; LakeError
 */
export async function findDataset(
  engine: Engine,
  lake: LakeFiles,
  place: string,
  conditions: readonly SqlNode[],
  options: ReadOptions,
  signal: AbortSignal | undefined,
): Promise<Dataset> {
  const found = await findFiles(lake, place, signal);
  if (found.table !== undefined) {
    const { version, at } = options;
    const wanted = { version, at, signal };
    return openDeltaTable(engine, lake, found.table, found.all, conditions, wanted);
  }
  return {
    isTable: false,
    namesInFiles: (names) => names,
    entries: await prune(engine, found.files, conditions),
    open: (files, thorough) => openSource(engine, files, options, thorough, signal),
  };
}
