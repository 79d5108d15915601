import type { LakeEntry } from "../../lake/lake.ts";
import type { StagedFile } from "../cache/stage.ts";
import type { Source } from "../read/read-options.ts";

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
  /**
   * The table, once the files are on this machine. With `strict`, see `openSource`.
   *
   * @param hasFiles whether the source is to have the column `FILE_COLUMN`
   */
  open(files: readonly StagedFile[], strict: boolean, hasFiles?: boolean): Promise<Source>;
}
