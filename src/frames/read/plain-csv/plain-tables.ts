import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { OnProgress } from "../../cache/load-progress.ts";
import type { RequestedColumns } from "../../cache/stage.ts";
import type { Dataset } from "../../discover/dataset.ts";
import type { LakeFiles } from "../../lake-files.ts";
import { identifier, literal, makeExportFolder } from "../../sql/engine.ts";
import type { ReadOptions, Source } from "../read-options.ts";
import { mayBePlain, plainToParquet } from "./load-plain.ts";

/** All of a file is held in memory while it arrives, which a statement must not need of a larger one. */
const LARGEST = 512 * 2 ** 20;

/** A table of a statement, as far as it matters here. */
export interface PlainCandidate {
  readonly dataset: Dataset;
  readonly requested: RequestedColumns;
  readonly read: ReadOptions;
}

/** CSV files as tables of the columns that a statement needs, until it is done. */
export class PlainTables {
  #folder: string | undefined;
  #count = 0;
  #found = 0;

  /** Whether no file was such. */
  get isEmpty(): boolean {
    return this.#found === 0;
  }

  /**
   * Fetches and parses the file of a table at the same time.
   *
   * @returns nothing where the strict reading has to tell what is in it
   * @throws FrameError `CHANGED`; LakeError
   */
  async fetch(
    lake: LakeFiles,
    { dataset, requested, read }: PlainCandidate,
    { onProgress, signal }: { onProgress?: OnProgress; signal?: AbortSignal },
  ): Promise<Source | undefined> {
    const { entries, isTable } = dataset;
    const { names } = requested;
    const [entry] = entries;
    // Only the strict reading knows of the path of each row.
    if (!entry || isTable || !names || names.has("filename")) return undefined;
    if (!mayBePlain(entries, read) || entry.size > LARGEST) return undefined;
    this.#folder ??= await makeExportFolder();
    const path = join(this.#folder, `${this.#count++}.parquet`);
    const options = { requested: names, delimiter: read.delimiter, onProgress, signal };
    const written = await plainToParquet(lake, entry, path, options);
    if (!written) return undefined;
    this.#found += 1;
    // By name, so that the columns which the engine adds to each file are not among them.
    const columns = written.map(identifier).join(", ");
    return {
      sql: `(select ${columns} from read_parquet(${literal(path)}, hive_partitioning = false))`,
    };
  }

  async remove(): Promise<void> {
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true });
  }
}
