import { dirname, resolve } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { KnownSecret } from "../core/redact.ts";
import type { PendingWork } from "../kernel/run/pending-work.ts";
import type { Message } from "../kernel/wire.ts";
import { CellError, type CellProblem } from "./cell-error.ts";
import { cellName } from "./cell-name.ts";
import { KernelClient, KernelDied, TimeLimit } from "./client.ts";
import { OutputCollector } from "./collect.ts";
import { environmentSecrets } from "./environment-secrets.ts";
import type { KernelPool, PooledStart } from "./kernel-pool.ts";
import { cellSource, type Notebook, type NotebookCell, readNotebook } from "./notebook.ts";
import { refuseForeignKernel } from "./notebook-format.ts";
import { applyParameters, type ParametersCell, type ParameterValues } from "./parameters.ts";
import { Redactor } from "./redact.ts";
import { settle } from "./settle.ts";

/** How to run a notebook. All times in milliseconds. */
export interface SessionOptions {
  /** Until the kernel answers. Default 30,000. */
  startLimit?: number;
  /** For each cell. Default 120,000. */
  cellLimit?: number;
  /** For the whole notebook, from the moment its kernel is there. Default 600,000. */
  limit?: number;
  /** How long timers may outlive the last cell: their errors count until then. Default 2,000. */
  drain?: number;
  /** Characters that the outputs of one cell may have. Default 32 million. */
  outputLimit?: number;
  /** Variables for the kernel beside this process's own; NOTELAKE_HEADLESS is always 1. */
  env?: Readonly<Record<string, string>>;
  /** What the parameters of the notebook are, in place of their defaults. */
  parameters?: ParameterValues;
  /**
   * Where `connect()` goes: `practice` (the default) is the practice cloud, whatever the environment
   * and the settings file say; `azure` is what these say. A cell that names a cloud itself gets it.
   */
  profile?: "practice" | "azure";
  /** Where kernels come from; without it each is started when it is needed. */
  kernels?: KernelPool;
  /** Ends the kernel at once, whatever it does. */
  signal?: AbortSignal;
  /** Run the cells tagged `slow` too. */
  slow?: boolean;
  /** Fail a cell that left something running when the notebook ended, in place of a notice. */
  strict?: boolean;
}

/** What came of one code cell. */
export interface CellReport {
  /** From 0, counting every cell. */
  readonly index: number;
  readonly id: string;
  /** `cell 4: Load the trips`. */
  readonly name: string;
  readonly status: "passed" | "failed" | "skipped";
  /** Milliseconds. */
  readonly duration: number;
  /** Why it did not run. */
  readonly reason?: string;
  /** What of it went on when the notebook ended, such as `line 2: a timer of 60 s`. */
  readonly left?: readonly string[];
  readonly error?: CellError;
}

/** A cell with this tag must fail, and the run goes on behind it. nbclient knows the tag too. */
export const RAISES = "raises-exception";
/** A cell with one of these tags does not run. nbclient knows the second one. */
const SKIPPED: readonly string[] = ["skip", "skip-execution"];
/** A cell with this tag runs only on request. */
const SLOW = "slow";

const COVERAGE_MS = 60_000;

const DEFAULTS = {
  startLimit: 30_000,
  cellLimit: 120_000,
  limit: 600_000,
  drain: 2000,
  outputLimit: 32_000_000,
};

/** A notebook and the kernel in which its cells run, one after another. */
export class NotebookSession {
  readonly file: string;
  /** What came of the cells that ran, and of those that were left out. */
  readonly reports = new Map<number, CellReport>();
  readonly #client: KernelClient;
  readonly #notebook: Notebook;
  readonly #options: SessionOptions & typeof DEFAULTS;
  readonly #redactor: Redactor;
  readonly #deadline: number;
  readonly #collector = new OutputCollector();
  /** Which cell each request ran: output may come long after its reply. */
  readonly #owners = new Map<string, number>();
  readonly #late = new Map<number, CellProblem>();
  #failed: CellReport | undefined;
  #parameters: ParametersCell | undefined;
  readonly #kill = () => void this.#client.kernel.dispose();

  private constructor(
    file: string,
    notebook: Notebook,
    client: KernelClient,
    {
      options,
      secrets,
    }: { options: SessionOptions & typeof DEFAULTS; secrets: readonly KnownSecret[] },
  ) {
    this.file = file;
    this.#notebook = notebook;
    this.#client = client;
    this.#options = options;
    this.#redactor = new Redactor(() => [
      ...secrets,
      ...client.kernel.issued,
      ...(this.#parameters?.secrets ?? []),
    ]);
    this.#deadline = performance.now() + options.limit;
    options.signal?.addEventListener("abort", this.#kill, { once: true });
    client.onLate = (message) => this.#takeLate(message);
  }

  /**
   * Reads a notebook and starts its kernel.
   *
   * @throws Error when the file is no notebook or the kernel does not start
   */
  static async open(file: string, given: SessionOptions = {}): Promise<NotebookSession> {
    const options = { ...DEFAULTS, ...given };
    const notebook = await readNotebook(file);
    refuseForeignKernel(notebook, file);
    const start = kernelStart(file, options);
    for (const cell of notebook.cells) {
      if (cell.cell_type !== "code" || reasonToSkip(cell, options)) continue;
      Object.assign(cell, { outputs: [], execution_count: null });
    }
    const secrets = environmentSecrets(start.env);
    const client = await (options.kernels?.take(start) ?? KernelClient.start(start));
    const session = new NotebookSession(file, notebook, client, { options, secrets });
    try {
      await session.#setParameters();
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** The notebook with the outputs of this run, secrets taken out. */
  get notebook(): Notebook {
    const cells = this.#notebook.cells.map((cell, index) => {
      const { index: changed, source } = this.#parameters ?? {};
      const ran =
        source !== undefined && index === changed
          ? { ...cell, source: this.#redactor.clean(source) }
          : cell;
      return ran.outputs ? { ...ran, outputs: this.#redactor.outputs(ran.outputs) } : ran;
    });
    return { ...this.#notebook, cells };
  }

  /** The code cells that there is something to run in, counting every cell from 0. */
  get codeCells(): number[] {
    return codeCells(this.#notebook);
  }

  /** What the kernel's own process wrote, outside of any cell. */
  get kernelLog(): string {
    return this.#client.kernel.log();
  }

  /** Runs a cell, unless it or one before it says otherwise; once, however often it is asked for. */
  async run(index: number): Promise<CellReport> {
    const known = this.reports.get(index);
    if (known) return known;
    const cell = this.#notebook.cells[index];
    if (!cell) throw new RangeError(`there is no cell ${index + 1}`);
    const started = performance.now();
    const reason = this.#whyNot(cell);
    const problem = reason ? undefined : await this.#execute(index, cell);
    const duration = performance.now() - started;
    if (problem) return this.#report(index, { status: "failed", duration, problem });
    if (reason) return this.#report(index, { status: "skipped", duration: 0, reason });
    const passed = this.#report(index, { status: "passed", duration });
    return this.#failLate() ?? (await this.#failSecret([passed])) ?? passed;
  }

  /**
   * Waits for what outlives the last cell, timers and promises: what fails there fails the cell it
   * comes from. What goes on all the same is in the reports, and fails a strict run. Answers the
   * report of the cell that failed now, if one did.
   */
  async settle(): Promise<CellReport | undefined> {
    if (this.#failed) return undefined;
    const last = [...this.reports.values()].findLast(({ status }) => status === "passed");
    if (!last) return undefined;
    const { drain, cellLimit } = this.#options;
    try {
      this.#noteLeft(await settle(this.#client, drain, cellLimit));
    } catch (error) {
      const { duration, index } = last;
      const problem = this.#toLateProblem(error, index);
      return this.#report(index, { status: "failed", duration, problem });
    }
    return this.#failLate() ?? (await this.#failSecret(this.reports.values())) ?? this.#failLeft();
  }

  async close(): Promise<void> {
    this.#options.signal?.removeEventListener("abort", this.#kill);
    // The kernel writes what it has covered when it ends.
    const isCovered = this.#options.env?.NODE_V8_COVERAGE !== undefined;
    await this.#client.shutdown(isCovered ? COVERAGE_MS : undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #whyNot(cell: NotebookCell): string | undefined {
    if (this.#failed) return `${this.#failed.name} failed`;
    return reasonToSkip(cell, this.#options);
  }

  #noteLeft(pending: readonly PendingWork[]): void {
    for (const report of this.reports.values()) {
      const count = this.#notebook.cells[report.index]?.execution_count;
      const own = pending.filter(({ cell }) => cell === `In[${count}]`);
      if (report.status === "skipped" || own.length === 0) continue;
      const left = own.map(({ line, what }) => (line ? `line ${line}: ${what}` : what));
      this.reports.set(report.index, { ...report, left: [...new Set(left)] });
    }
  }

  #failLeft(): CellReport | undefined {
    const leaves = [...this.reports.values()].find(({ left }) => left);
    if (!leaves || !this.#options.strict) return undefined;
    const { index, left = [] } = leaves;
    const evalue = `it went on when the notebook ended: ${left.join("; ")}`;
    const problem = { ename: "LeftRunning", evalue, traceback: [] };
    return this.#report(index, { ...leaves, status: "failed", problem });
  }

  #failLate(): CellReport | undefined {
    for (const [index, problem] of this.#late) {
      const before = this.reports.get(index);
      if (this.#failed || !before) continue;
      return this.#report(index, { status: "failed", duration: before.duration, problem });
    }
    return undefined;
  }

  /** The first cell that passed and shows a secret fails. */
  async #failSecret(cells: Iterable<CellReport>): Promise<CellReport | undefined> {
    // What the kernel said of secrets before its reply has arrived, but maybe not been read.
    await nextTurn();
    await nextTurn();
    for (const { index, status, duration } of cells) {
      if (status !== "passed") continue;
      const problem = this.#redactor.problem(this.#notebook.cells[index]?.outputs ?? []);
      if (problem) return this.#report(index, { status: "failed", duration, problem });
    }
    return undefined;
  }

  #report(
    index: number,
    { problem, ...what }: Omit<CellReport, "index" | "id" | "name"> & { problem?: CellProblem },
  ): CellReport {
    const cell = this.#notebook.cells[index];
    if (!cell) throw new RangeError(`there is no cell ${index + 1}`);
    const report: CellReport = {
      index,
      id: cell.id,
      name: cellName(this.#notebook, index),
      ...what,
      ...(problem && { error: this.#error(index, cell, problem) }),
    };
    this.reports.set(index, report);
    if (report.status === "failed") this.#failed ??= report;
    return report;
  }

  #error(index: number, cell: NotebookCell, problem: CellProblem): CellError {
    const outputs = this.#redactor.outputs(cell.outputs ?? []);
    const shown = { ...cell, source: this.#redactor.clean(cellSource(cell)), outputs };
    return new CellError(this.file, index, shown, this.#redactor.clean(problem));
  }

  async #setParameters(): Promise<void> {
    const { parameters = {}, startLimit: limit } = this.#options;
    if (Object.keys(parameters).length === 0) return;
    const check = async (code: string) => {
      const request = { code, silent: true, store_history: false, allow_stdin: false };
      const reply = await this.#client.request("execute_request", request, { limit });
      return reply.status === "ok" ? undefined : String(reply.evalue);
    };
    const clean = (text: string) => this.#redactor.clean(text);
    const tools = { check, clean };
    this.#parameters = await applyParameters(this.file, this.#notebook, parameters, tools);
  }

  #toLateProblem(error: unknown, index: number): CellProblem {
    if (error instanceof KernelDied) return toDeath(error, this.#lastError(index));
    if (!(error instanceof TimeLimit)) throw error;
    const { cellLimit } = this.#options;
    const evalue = `all cells ended, but what they left running kept the kernel busy for ${cellLimit} ms`;
    return { ename: error.name, evalue, traceback: [] };
  }

  async #execute(index: number, cell: NotebookCell): Promise<CellProblem | undefined> {
    const { outputs = [] } = cell;
    const request = {
      code: this.#parameters?.index === index ? this.#parameters.code : cellSource(cell),
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: true,
    };
    const { cellLimit, limit: whole, outputLimit } = this.#options;
    const left = Math.max(1, this.#deadline - performance.now());
    const flood = Promise.withResolvers<never>();
    let size = 0;
    let thrown: Message["content"] | undefined;
    try {
      const running = this.#client.request("execute_request", request, {
        limit: Math.min(cellLimit, left),
        onOutput: (message) => {
          this.#owners.set(message.parent.msg_id ?? "", index);
          size += sizeOf(message);
          if (message.header.msg_type === "error") thrown ??= message.content;
          if (size > outputLimit) flood.reject(new OutputLimit());
          else this.#collector.add(outputs, message);
        },
      });
      const reply = await Promise.race([running, flood.promise]);
      cell.execution_count = Number(reply.execution_count);
      const expected = hasTag(cell, RAISES);
      // A callback may throw when the reply is on its way already.
      const failed = reply.status === "ok" ? thrown : reply;
      if (!failed) return expected ? NOTHING_RAISED : undefined;
      return expected && reply.status !== "aborted" ? undefined : toProblem(failed);
    } catch (error) {
      if (error instanceof KernelDied) return toDeath(error, this.#lastError(index));
      if (error instanceof OutputLimit) {
        const evalue = `the outputs of the cell have more than ${outputLimit} characters`;
        return { ename: error.name, evalue, traceback: [] };
      }
      if (!(error instanceof TimeLimit)) throw error;
      const [what, allowed] = left < cellLimit ? ["the notebook", whole] : ["the cell", cellLimit];
      const evalue = `${what} did not end within ${allowed} ms`;
      return { ename: error.name, evalue, traceback: [] };
    }
  }

  /** What the kernel said last of a cell. */
  #lastError(index: number): readonly string[] | undefined {
    const said = this.#notebook.cells[index]?.outputs?.findLast(
      (output) => output.output_type === "error",
    );
    return said?.traceback;
  }

  #takeLate(message: Message): void {
    const index = this.#owners.get(message.parent.msg_id ?? "");
    const cell = index === undefined ? undefined : this.#notebook.cells[index];
    if (index === undefined || !cell) return;
    this.#collector.add(cell.outputs ?? [], message);
    if (message.header.msg_type === "error" && !hasTag(cell, RAISES) && !this.#late.has(index)) {
      this.#late.set(index, toProblem(message.content));
    }
  }
}

/** How the kernel of a notebook is started. */
export function kernelStart(file: string, options: SessionOptions): PooledStart {
  const isPractice = options.profile !== "azure";
  const env = {
    ...process.env,
    ...(isPractice && { NOTELAKE_CLOUD: "practice" }),
    ...options.env,
    NOTELAKE_HEADLESS: "1",
  };
  const { startLimit: limit = DEFAULTS.startLimit, signal } = options;
  return { cwd: dirname(resolve(file)), env, limit, signal };
}

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

const hasTag = (cell: NotebookCell, tag: string): boolean =>
  cell.metadata.tags?.includes(tag) ?? false;

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
