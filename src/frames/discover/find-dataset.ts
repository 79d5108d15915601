import { FrameError } from "../../core/errors.ts";
import type { StagedFile } from "../cache/stage.ts";
import { openDeltaTable } from "../delta/open-delta-table.ts";
import type { LakeFiles } from "../lake-files.ts";
import { fileColumnOf, nameFileColumn } from "../read/file-column.ts";
import { openSource } from "../read/open-source.ts";
import type { ReadOptions, Source } from "../read/read-options.ts";
import type { Engine } from "../sql/engine.ts";
import type { SqlNode } from "../sql/parse-tree.ts";
import type { Dataset } from "./dataset.ts";
import { findFiles, type MatchedFiles } from "./find-files.ts";
import { prunePartitions } from "./prune-partitions.ts";

/**
 * The files of paths, folders or globs, or a Delta table if one folder is given that has a
 * transaction log. Files that `conditions` rule out by their partition are left out.
 *
 * @throws FrameError `NO_FILES`, and those of `openDeltaTable`; LakeError
 */
export async function findDataset(
  engine: Engine,
  lake: LakeFiles,
  places: readonly string[],
  conditions: readonly SqlNode[],
  options: ReadOptions,
  signal: AbortSignal | undefined,
): Promise<Dataset> {
  const matches = await findAll(lake, places, signal);
  if (matches.table !== undefined) {
    const { version, at } = options;
    const requested = { version, at, signal };
    return openDeltaTable(engine, lake, matches.table, matches.all, conditions, requested);
  }
  return {
    isTable: false,
    namesInFiles: (names) => names,
    entries: await prunePartitions(engine, matches.files, conditions),
    open: (files, strict, hasFiles) =>
      openSource(engine, files, options, strict, { signal, hasFiles }),
  };
}

async function findAll(
  lake: LakeFiles,
  places: readonly string[],
  signal: AbortSignal | undefined,
): Promise<MatchedFiles> {
  const [first = ""] = places;
  if (places.length === 1) return findFiles(lake, first, signal);
  const matches = await Promise.all(places.map((place) => findFiles(lake, place, signal)));
  const table = matches.findIndex((each) => each.table !== undefined);
  if (table < 0) {
    const files = matches.flatMap((each) => each.files);
    return { files, all: files };
  }
  throw new FrameError("DELTA_TABLE", `${places[table]} is a Delta table, and one of a list`, {
    hint: "Read it on its own, and join the tables by `union all by name`.",
  });
}

/**
 * Opens a dataset with the column of `{ filename }`.
 *
 * @param isNamed whether a statement has a column `filename` that no table has
 */
export async function openDataset(
  engine: Engine,
  dataset: Dataset,
  files: readonly StagedFile[],
  { strict, isNamed, ...options }: ReadOptions & { strict: boolean; isNamed?: boolean },
): Promise<Source> {
  const column = fileColumnOf(options, isNamed === true);
  const source = await dataset.open(files, strict, column !== undefined);
  return column ? nameFileColumn(engine, source, column) : source;
}
