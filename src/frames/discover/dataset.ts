import type { LakeEntry } from "../../lake/lake.ts";
import type { StagedFile } from "../cache/stage.ts";
import type { Source } from "../read/read-options.ts";

/** Files of a lake that are one table. */
export interface Dataset {
  /** The files that are needed. */
  readonly entries: readonly LakeEntry[];
  /** Whether it is a Delta table. */
  readonly isTable: boolean;
  /** Lower-case names of columns in the files; absent where columns cannot be fetched alone. */
  readonly namesInFiles?: ((names: ReadonlySet<string>) => ReadonlySet<string>) | undefined;
  /**
   * Opens the table over staged files; for `strict` see `openSource`.
   *
   * @param hasFiles whether the source is to have the column `FILE_COLUMN`
   */
  open(files: readonly StagedFile[], strict: boolean, hasFiles?: boolean): Promise<Source>;
}
