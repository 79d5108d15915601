import { dirname, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Message } from "../kernel/wire.ts";
import { CellError, type CellProblem } from "./cell-error.ts";
import { KernelClient, KernelDied, TimeLimit } from "./client.ts";
import { OutputCollector } from "./collect.ts";
import { cellSource, type Notebook, type NotebookCell, readNotebook } from "./notebook.ts";
import { environmentSecrets, redactDeep } from "./redact.ts";

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

const DEFAULTS = { startLimit: 30_000, cellLimit: 120_000, limit: 600_000, drain: 2000 };

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

  async all(options: Required<Pick<RunOptions, "cellLimit" | "limit" | "drain">> & RunOptions) {
    const deadline = performance.now() + options.limit;
    const code = [...this.#notebook.cells.entries()].filter(([, cell]) => isCode(cell));
    for (const [, cell] of code) Object.assign(cell, { outputs: [], execution_count: null });
    for (const [index, cell] of code) {
      if (cellSource(cell).trim() === "") continue;
      options.onCell?.({ index, cells: this.#notebook.cells.length });
      const left = deadline - performance.now();
      const limits = { cell: options.cellLimit, left: Math.max(1, left), whole: options.limit };
      const problem = await this.#cell(index, cell, limits);
      this.ran++;
      if (problem) return { index, cell, ...problem };
      if (this.#late) return this.#late;
    }
    // Rejections and timers that outlive the last cell still count.
    try {
      await this.#settled(performance.now() + options.drain);
    } catch (error) {
      const [index, cell] = code.at(-1) ?? [];
      if (!(error instanceof KernelDied && cell) || index === undefined) throw error;
      const said = cell.outputs?.findLast((output) => output.output_type === "error");
      return { index, cell, ...toDeath(error, said?.traceback) };
    }
    return this.#late;
  }

  /**
   * Waits until no timer and no file operation of the notebook is pending.
   *
   * @throws KernelDied
   */
  async #settled(deadline: number): Promise<void> {
    const request = { code: "", silent: true, user_expressions: { pending: PENDING } };
    for (;;) {
      const left = deadline - performance.now();
      if (left <= 0) return;
      try {
        const reply = await this.#client.request("execute_request", request, { limit: left });
        if (pendingOf(reply) === 0) return;
      } catch (error) {
        if (!(error instanceof TimeLimit)) throw error;
      }
      await sleep(PENDING_INTERVAL_MS);
    }
  }

  async #cell(
    index: number,
    cell: NotebookCell,
    limits: { cell: number; left: number; whole: number },
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
    try {
      const reply = await this.#client.request("execute_request", request, {
        limit,
        onOutput: (message) => {
          this.#owners.set(message.parent.msg_id ?? "", { index, cell });
          this.#collector.add(outputs, message);
        },
      });
      cell.execution_count = Number(reply.execution_count);
      const expected = cell.metadata.tags?.includes(RAISES) ?? false;
      if (reply.status === "ok") return expected ? NOTHING_RAISED : undefined;
      return expected && reply.status === "error" ? undefined : toProblem(reply);
    } catch (error) {
      if (error instanceof KernelDied) {
        const said = outputs.findLast((output) => output.output_type === "error");
        return toDeath(error, said?.traceback);
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

const PENDING_INTERVAL_MS = 20;
/** What of the kernel's event loop runs code of a cell by itself, sooner or later. */
const PENDING = `process.getActiveResourcesInfo()
  .filter((kind) => /^(?:Timeout|Immediate|FSReq)/.test(kind)).length`;

function pendingOf({ user_expressions: values }: Record<string, unknown>): number {
  const { pending } = values as { pending?: { data?: Record<string, string> } };
  return Number(pending?.data?.["text/plain"] ?? 0);
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
