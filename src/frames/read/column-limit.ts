import { FrameError } from "../../core/errors.ts";
import type { StagedFile } from "../cache/stage.ts";
import type { ReadOptions } from "./read-options.ts";

/** A column takes a part of the engine's statement, and an array of the dataframe. */
export const MAX_COLUMNS = 10_000;

export function maxColumnsOf({ maxColumns = MAX_COLUMNS }: ReadOptions): number {
  return maxColumns;
}

/** @throws FrameError `TOO_LARGE` */
export function refuseColumns({ entry }: StagedFile, count: number, options: ReadOptions): void {
  const limit = maxColumnsOf(options);
  if (count > limit) throw tooManyColumns(entry.path, count, limit);
}

/** @param count undefined when unknown, but over the limit */
export function tooManyColumns(path: string, count: number | undefined, limit: number): FrameError {
  const number = (value: number) => value.toLocaleString("en");
  const columns = count === undefined ? `more than ${number(limit)}` : number(count);
  return new FrameError(
    "TOO_LARGE",
    `${path} has ${columns} columns, the limit is ${number(limit)}`,
    {
      hint: "A wide table is often a long one turned on its side. { maxColumns } raises the limit.",
    },
  );
}
