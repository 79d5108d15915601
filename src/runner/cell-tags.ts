import { cellSource, type Notebook, type NotebookCell } from "./notebook.ts";
import type { SessionOptions } from "./session-options.ts";

/**
 * A cell with this tag must raise an error, and the run continues after it. nbclient has the same
 * tag.
 */
export const RAISES = "raises-exception";
/** A cell with one of these tags does not run. The second one is nbclient's. */
const SKIPPED: readonly string[] = ["skip", "skip-execution"];
/** A cell with this tag runs only on request. */
const SLOW = "slow";

/** Numbers of the code cells that are not empty, counting every cell from 0. */
export function codeCells({ cells }: Notebook): number[] {
  return [...cells.entries()]
    .filter(([, cell]) => cell.cell_type === "code" && cellSource(cell).trim() !== "")
    .map(([index]) => index);
}

/** Why a cell's tags exclude it from running; undefined when they do not. */
export function reasonToSkip(
  cell: NotebookCell,
  { slow = false }: Pick<SessionOptions, "slow">,
): string | undefined {
  const tag = cell.metadata.tags?.find((each) => SKIPPED.includes(each));
  if (tag) return `tagged ${tag}`;
  return hasTag(cell, SLOW) && !slow ? `tagged ${SLOW}` : undefined;
}

export const hasTag = (cell: NotebookCell, tag: string): boolean =>
  cell.metadata.tags?.includes(tag) ?? false;
