import { cellSource, type Notebook, type NotebookCell } from "./notebook.ts";
import type { SessionOptions } from "./session-options.ts";

/** A cell with this tag must fail, and the run goes on behind it. nbclient knows the tag too. */
export const RAISES = "raises-exception";
/** A cell with one of these tags does not run. nbclient knows the second one. */
const SKIPPED: readonly string[] = ["skip", "skip-execution"];
/** A cell with this tag runs only on request. */
const SLOW = "slow";

/** The code cells of a notebook that there is something to run in, counting every cell from 0. */
export function codeCells({ cells }: Notebook): number[] {
  return [...cells.entries()]
    .filter(([, cell]) => cell.cell_type === "code" && cellSource(cell).trim() !== "")
    .map(([index]) => index);
}

/** Why a cell does not run, going by its tags. */
export function reasonToSkip(
  cell: NotebookCell,
  { slow = false }: Pick<SessionOptions, "slow">,
): string | undefined {
  const tag = cell.metadata.tags?.find((each) => SKIPPED.includes(each));
  if (tag) return `tagged ${tag}`;
  return hasTag(cell, SLOW) && !slow ? `tagged ${SLOW}` : undefined;
}

/** Whether a cell has a tag. */
export const hasTag = (cell: NotebookCell, tag: string): boolean =>
  cell.metadata.tags?.includes(tag) ?? false;
