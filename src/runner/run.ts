import type { CellError } from "./cell-error.ts";
import type { CellReport } from "./cell-report.ts";
import type { Notebook } from "./notebook.ts";
import { NotebookSession } from "./notebook-session.ts";
import type { SessionOptions } from "./session-options.ts";

/** How to run a notebook. All times in milliseconds. */
export interface RunOptions extends SessionOptions {
  /** Called before each code cell; `index` from 0, counting every cell. */
  onCell?: (progress: { index: number; cells: number }) => void;
  /** Called with what came of each code cell. */
  onReport?: (report: CellReport) => void;
}

/** What came of a notebook that ran. */
export interface RunResult {
  readonly file: string;
  /** The notebook with the outputs of this run, secrets taken out; cells that did not run have theirs. */
  readonly notebook: Notebook;
  /** Each code cell, in order. */
  readonly cells: readonly CellReport[];
  /** Code cells that ran. */
  readonly ran: number;
  /** Milliseconds from start to end. */
  readonly duration: number;
  /** Why it failed; absent when it passed. */
  readonly error?: CellError;
}

/**
 * Runs a notebook in a kernel of its own, cell by cell; those behind one that fails are skipped.
 *
 * @throws Error when the file is no notebook or the kernel does not start; what fails in a cell is
 *   in the result
 */
export async function runNotebook(file: string, options: RunOptions = {}): Promise<RunResult> {
  const { onCell, onReport, ...session } = options;
  const { signal } = session;
  const started = performance.now();
  await using notebook = await NotebookSession.open(file, session);
  for (const index of notebook.codeCells) {
    onCell?.({ index, cells: notebook.length });
    const report = await notebook.run(index);
    signal?.throwIfAborted();
    onReport?.(report);
  }
  const late = await notebook.settle();
  signal?.throwIfAborted();
  if (late) onReport?.(late);
  const cells = [...notebook.reports.values()];
  const error = cells.find(({ status }) => status === "failed")?.error;
  return {
    file,
    notebook: notebook.notebook,
    cells,
    ran: cells.filter(({ status }) => status !== "skipped").length,
    duration: performance.now() - started,
    ...(error && { error }),
  };
}
