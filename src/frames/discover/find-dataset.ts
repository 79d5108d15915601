import { FrameError } from "../../core/errors.ts";
import type { StagedFile } from "../cache/stage.ts";
import { openDeltaTable } from "../delta/open-delta-table.ts";
import type { LakeFiles } from "../lake-files.ts";
import { fileColumnOf, nameFileColumn } from "../read/file-column.ts";
import { openSource } from "../read/open-source.ts";
import type { ReadOptions, Source } from "../read/read-options.ts";
import type { Engine } from "../sql/engine.ts";
import type { SqlNode } from "../sql/sql-node.ts";
import type { Dataset } from "./dataset.ts";
import { type FoundFiles, findFiles } from "./find-files.ts";
import { prune } from "./prune-partitions.ts";

/**
 * What paths, folders or globs stand for: files, or a Delta table if there is one folder and it has
 * a transaction log. Files that `conditions` rule out by their partition are left out.
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
  const found = await findAll(lake, places, signal);
  if (found.table !== undefined) {
    const { version, at } = options;
    const wanted = { version, at, signal };
    return openDeltaTable(engine, lake, found.table, found.all, conditions, wanted);
  }
  return {
    isTable: false,
    namesInFiles: (names) => names,
    entries: await prune(engine, found.files, conditions),
    open: (files, thorough, hasFiles) =>
      openSource(engine, files, options, thorough, { signal, hasFiles }),
  };
}

async function findAll(
  lake: LakeFiles,
  places: readonly string[],
  signal: AbortSignal | undefined,
): Promise<FoundFiles> {
  const [first = ""] = places;
  if (places.length === 1) return findFiles(lake, first, signal);
  const found = await Promise.all(places.map((place) => findFiles(lake, place, signal)));
  const table = found.findIndex((each) => each.table !== undefined);
  if (table < 0) {
    const files = found.flatMap((each) => each.files);
    return { files, all: files };
  }
  throw new FrameError("DELTA_TABLE", `${places[table]} is a Delta table, and one of a list`, {
    hint: "Read it on its own, and join the tables by `union all by name`.",
  });
}

/**
 * Opens a dataset with what `{ filename }` asks for.
 *
 * @param isNamed whether a statement speaks of a column `filename` that no table has
 */
export async function openDataset(
  engine: Engine,
  dataset: Dataset,
  files: readonly StagedFile[],
  { thorough, isNamed, ...options }: ReadOptions & { thorough: boolean; isNamed?: boolean },
): Promise<Source> {
  const column = fileColumnOf(options, isNamed === true);
  const source = await dataset.open(files, thorough, column !== undefined);
  return column ? nameFileColumn(engine, source, column) : source;
}
