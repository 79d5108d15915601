import { dirname, resolve } from "node:path";
import type { Message } from "../kernel/wire.ts";
import { CellError, type CellProblem } from "./cell-error.ts";
import { KernelClient, KernelDied, TimeLimit } from "./client.ts";
import { OutputCollector } from "./collect.ts";
import { cellSource, type Notebook, type NotebookCell, readNotebook } from "./notebook.ts";
import { refuseForeignKernel } from "./notebook-format.ts";
import { environmentSecrets, redactDeep } from "./redact.ts";
import { settle } from "./settle.ts";

/** How to run a notebook. All times in milliseconds. */
export interface RunOptions {
  /** Until the kernel answers. Default 30,000. */
  startLimit?: number;
  /** For each cell. Default 120,000. */
  cellLimit?: number;
  /** For the whole notebook. Default 600,000. */
  limit?: number;
  /** How long timers may outlive the last cell: their errors count until then. Default 2,000. */
  drain?: number;
  /** Characters that the outputs of one cell may have. Default 32 million. */
  outputLimit?: number;
  /** Variables for the kernel beside this process's own; NOTELAKE_HEADLESS is always 1. */
  env?: Readonly<Record<string, string>>;
  /** Called before each code cell; `index` from 0, counting every cell. */
  onCell?: (progress: { index: number; cells: number }) => void;
}

/** What came of a notebook that ran. */
export interface RunResult {
  readonly file: string;
  /** The notebook with the outputs of this run, secrets taken out. */
  readonly notebook: Notebook;
  /** Code cells that ran. */
  readonly ran: number;
  /** Milliseconds from start to end. */
  readonly duration: number;
  /** Why it failed; absent when it passed. */
  readonly error?: CellError;
}

/** A cell with this tag must fail, and the run goes on behind it. nbclient knows the tag too. */
export const RAISES = "raises-exception";

const DEFAULTS = {
  startLimit: 30_000,
  cellLimit: 120_000,
  limit: 600_000,
  drain: 2000,
  outputLimit: 32_000_000,
};

/**
 * Runs a notebook in a kernel of its own, cell by cell, up to the first that fails.
 *
 * @throws Error when the file is no notebook or the kernel does not start; what fails in a cell is
 *   in the result
 */
export async function runNotebook(file: string, options: RunOptions = {}): Promise<RunResult> {
  const { startLimit, env: added } = { ...DEFAULTS, ...options };
  const started = performance.now();
  const notebook = await readNotebook(file);
  refuseForeignKernel(notebook, file);
  const env = { ...process.env, ...added, NOTELAKE_HEADLESS: "1" };
  const secrets = environmentSecrets(env);
  const client = await KernelClient.start({ cwd: dirname(resolve(file)), env, limit: startLimit });
  const run = new Run(client, notebook);
  try {
    const problem = await run.all({ ...DEFAULTS, ...options });
    const result = { file, notebook: redactOutputs(notebook, secrets), ran: run.ran };
    const duration = performance.now() - started;
    if (!problem) return { ...result, duration };
    const { index, cell, ...what } = problem;
    return {
      ...result,
      duration,
      error: new CellError(file, index, cell, redactDeep(what, secrets)),
    };
  } finally {
    await client.shutdown();
  }
}

interface LocatedProblem extends CellProblem {
  readonly index: number;
  readonly cell: NotebookCell;
}

/** One pass over a notebook. */
class Run {
  ran = 0;
  readonly #client: KernelClient;
  readonly #notebook: Notebook;
  readonly #collector = new OutputCollector();
  /** Which cell each request ran: output may come long after its reply. */
  readonly #owners = new Map<string, { index: number; cell: NotebookCell }>();
  #late: LocatedProblem | undefined;

  constructor(client: KernelClient, notebook: Notebook) {
    this.#client = client;
    this.#notebook = notebook;
    client.onLate = (message) => this.#takeLate(message);
  }

  async all(options: Required<Pick<RunOptions, keyof typeof DEFAULTS>> & RunOptions) {
    const deadline = performance.now() + options.limit;
    const code = [...this.#notebook.cells.entries()].filter(([, cell]) => isCode(cell));
    for (const [, cell] of code) Object.assign(cell, { outputs: [], execution_count: null });
    for (const [index, cell] of code) {
      if (cellSource(cell).trim() === "") continue;
      options.onCell?.({ index, cells: this.#notebook.cells.length });
      const left = deadline - performance.now();
      const { cellLimit, limit, outputLimit } = options;
      const limits = { cell: cellLimit, left: Math.max(1, left), whole: limit, outputLimit };
      const problem = await this.#cell(index, cell, limits);
      this.ran++;
      if (problem) return { index, cell, ...problem };
      if (this.#late) return this.#late;
    }
    // Rejections and timers that outlive the last cell still count.
    try {
      if (code.length > 0) await settle(this.#client, options.drain, options.cellLimit);
    } catch (error) {
      const [index, cell] = code.at(-1) ?? [];
      if (!cell || index === undefined) throw error;
      const said = cell.outputs?.findLast((output) => output.output_type === "error");
      if (error instanceof KernelDied) return { index, cell, ...toDeath(error, said?.traceback) };
      if (!(error instanceof TimeLimit)) throw error;
      const evalue = `all cells ended, but what they left running kept the kernel busy for ${options.cellLimit} ms`;
      return { index, cell, ename: error.name, evalue, traceback: [] };
    }
    return this.#late;
  }

  async #cell(
    index: number,
    cell: NotebookCell,
    limits: { cell: number; left: number; whole: number; outputLimit: number },
  ): Promise<CellProblem | undefined> {
    const { outputs = [] } = cell;
    const request = {
      code: cellSource(cell),
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: true,
    };
    const limit = Math.min(limits.cell, limits.left);
    const flood = Promise.withResolvers<never>();
    let size = 0;
    try {
      const running = this.#client.request("execute_request", request, {
        limit,
        onOutput: (message) => {
          this.#owners.set(message.parent.msg_id ?? "", { index, cell });
          size += sizeOf(message);
          if (size > limits.outputLimit) flood.reject(new OutputLimit());
          else this.#collector.add(outputs, message);
        },
      });
      const reply = await Promise.race([running, flood.promise]);
      cell.execution_count = Number(reply.execution_count);
      const expected = cell.metadata.tags?.includes(RAISES) ?? false;
      if (reply.status === "ok") return expected ? NOTHING_RAISED : undefined;
      return expected && reply.status === "error" ? undefined : toProblem(reply);
    } catch (error) {
      if (error instanceof KernelDied) {
        const said = outputs.findLast((output) => output.output_type === "error");
        return toDeath(error, said?.traceback);
      }
      if (error instanceof OutputLimit) {
        const evalue = `the outputs of the cell have more than ${limits.outputLimit} characters`;
        return { ename: error.name, evalue, traceback: [] };
      }
      if (!(error instanceof TimeLimit)) throw error;
      const what = limits.left < limits.cell ? "the notebook" : "the cell";
      const allowed = limits.left < limits.cell ? limits.whole : limits.cell;
      const evalue = `${what} did not end within ${allowed} ms`;
      return { ename: error.name, evalue, traceback: [] };
    }
  }

  #takeLate(message: Message): void {
    const owner = this.#owners.get(message.parent.msg_id ?? "");
    if (!owner) return;
    const { index, cell } = owner;
    this.#collector.add(cell.outputs ?? [], message);
    if (message.header.msg_type === "error" && !cell.metadata.tags?.includes(RAISES)) {
      this.#late ??= { index, cell, ...toProblem(message.content) };
    }
  }
}

class OutputLimit extends Error {
  override readonly name = "OutputLimit";
}

function sizeOf({ content: { text, data } }: Message): number {
  return text === undefined && data === undefined ? 0 : JSON.stringify(text ?? data).length;
}

const NOTHING_RAISED: CellProblem = {
  ename: "NothingRaised",
  evalue: `the cell is tagged ${RAISES} but did not fail`,
  traceback: [],
};

function isCode(cell: NotebookCell): boolean {
  return cell.cell_type === "code";
}

/** What the kernel said last, if it did, says more than its log. */
function toDeath(error: KernelDied, said: readonly string[] | undefined): CellProblem {
  const [evalue = "", ...log] = error.message.split("\n");
  return { ename: error.name, evalue, traceback: said ?? log, exit: error.exit };
}

function toProblem({ status, ename, evalue, traceback }: Record<string, unknown>): CellProblem {
  if (status === "aborted")
    return { ename: "Aborted", evalue: "the kernel skipped it", traceback: [] };
  return {
    ename: String(ename),
    evalue: String(evalue),
    traceback: Array.isArray(traceback) ? traceback.map(String) : [],
  };
}

function redactOutputs(notebook: Notebook, secrets: readonly string[]): Notebook {
  const cells = notebook.cells.map((cell) =>
    cell.outputs ? { ...cell, outputs: redactDeep(cell.outputs, secrets) } : cell,
  );
  return { ...notebook, cells };
}
