import type { CellError } from "./cell-error.ts";
import type { CellReport } from "./cell-report.ts";
import type { Notebook } from "./notebook.ts";
import { NotebookSession } from "./notebook-session.ts";
import type { SessionOptions } from "./session-options.ts";

/** How to run a notebook. All times in milliseconds. */
export interface RunOptions extends SessionOptions {
  /** Called before each code cell; `index` from 0, counting every cell. */
  onCell?: (progress: { index: number; cells: number }) => void;
  /** Called with the result of each code cell. */
  onReport?: (report: CellReport) => void;
}

/** Result of running a notebook. */
export interface RunResult {
  readonly file: string;
  /** The notebook with redacted outputs of this run; skipped cells keep their outputs. */
  readonly notebook: Notebook;
  /** Results of all code cells, in order. */
  readonly cells: readonly CellReport[];
  /** Number of code cells that ran. */
  readonly ran: number;
  /** Milliseconds from start to end. */
  readonly duration: number;
  /** Why it failed; absent when it passed. */
  readonly error?: CellError;
}

/**
 * Runs a notebook in a new kernel, cell by cell; cells after a failed one are skipped.
 *
 * @throws NotebookError when the file is not a notebook; KernelDied or TimeLimit when the kernel
 *   does not start; errors of cells are in the result
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
