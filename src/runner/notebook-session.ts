import type { KnownSecret } from "../core/redact.ts";
import type { PendingWork } from "../kernel/run/pending-work.ts";
import { CellError, type CellProblem } from "./cell-error.ts";
import { cellName } from "./cell-name.ts";
import { CellOutputs } from "./cell-outputs.ts";
import type { CellReport } from "./cell-report.ts";
import { codeCells, reasonToSkip } from "./cell-tags.ts";
import { environmentSecrets } from "./environment-secrets.ts";
import { executeCell, toDeath } from "./execute-cell.ts";
import { KernelClient, KernelDied, TimeLimit } from "./kernel-client.ts";
import {
  cellSource,
  type Notebook,
  type NotebookCell,
  readNotebook,
  refuseForeignKernel,
} from "./notebook.ts";
import {
  applyParameters,
  type FoundParameters,
  findParameters,
  type ParametersCell,
} from "./parameters.ts";
import { Redactor } from "./redactor.ts";
import { DEFAULTS, kernelStart, type SessionOptions } from "./session-options.ts";
import { settle } from "./settle.ts";

const COVERAGE_MS = 60_000;

/** A notebook and the kernel in which its cells run, one after another. */
export class NotebookSession {
  readonly file: string;
  /** Results of the cells that ran or were skipped, by number. */
  readonly reports = new Map<number, CellReport>();
  readonly #client: KernelClient;
  readonly #notebook: Notebook;
  readonly #options: SessionOptions & typeof DEFAULTS;
  readonly #redactor: Redactor;
  readonly #deadline: number;
  readonly #outputs: CellOutputs;
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
    this.#outputs = new CellOutputs(notebook);
    this.#client = client;
    this.#options = options;
    this.#redactor = new Redactor(() => [
      ...secrets,
      ...client.kernel.issued,
      ...(this.#parameters?.secrets ?? []),
    ]);
    this.#deadline = performance.now() + options.limit;
    options.signal?.addEventListener("abort", this.#kill, { once: true });
    client.onLate = (message) => this.#outputs.addLate(message);
  }

  /**
   * Reads a notebook and starts its kernel.
   *
   * @throws NotebookError when the file is not a notebook; KernelDied or TimeLimit when the kernel
   *   does not start
   */
  static async open(file: string, given: SessionOptions = {}): Promise<NotebookSession> {
    const options = { ...DEFAULTS, ...given };
    const notebook = await readNotebook(file);
    refuseForeignKernel(notebook, file);
    const { parameters = {} } = options;
    const isGiven = Object.keys(parameters).length > 0;
    const found = isGiven ? findParameters(file, notebook, parameters) : undefined;
    const start = kernelStart(file, options);
    for (const cell of notebook.cells) {
      if (cell.cell_type !== "code" || reasonToSkip(cell, options)) continue;
      Object.assign(cell, { outputs: [], execution_count: null });
    }
    const secrets = environmentSecrets(start.env);
    const client = await (options.kernels?.take(start) ?? KernelClient.start(start));
    const session = new NotebookSession(file, notebook, client, { options, secrets });
    try {
      if (found) await session.#setParameters(found);
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** The notebook with the outputs of this run, secrets redacted. */
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

  /** Number of cells of every type. */
  get length(): number {
    return this.#notebook.cells.length;
  }

  /** Numbers of the code cells that are not empty, counting every cell from 0. */
  get codeCells(): number[] {
    return codeCells(this.#notebook);
  }

  /** Standard output and error of the kernel's process, outside any cell. */
  get kernelLog(): string {
    return this.#client.kernel.log();
  }

  /**
   * Runs a cell unless its tags or an earlier failure exclude it. Calling it again returns the same
   * report.
   */
  async run(index: number): Promise<CellReport> {
    const known = this.reports.get(index);
    if (known) return known;
    const cell = this.#notebook.cells[index];
    if (!cell) throw new RangeError(`there is no cell ${index + 1}`);
    const started = performance.now();
    const reason = this.#whyNot(cell);
    const problem = reason ? undefined : await this.#execute(index, cell);
    if (problem) await this.#client.kernel.readSecrets();
    const duration = performance.now() - started;
    if (problem) return this.#report(index, { status: "failed", duration, problem });
    if (reason) return this.#report(index, { status: "skipped", duration: 0, reason });
    const passed = this.#report(index, { status: "passed", duration });
    return this.#failLate() ?? (await this.#failSecret([passed])) ?? passed;
  }

  /**
   * Waits for timers and promises that outlive the last cell; an error in one fails the cell that
   * started it. What is still active after that is in the reports, and fails a strict run. Returns
   * the report of the cell that failed now, if any.
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
    // The kernel writes its coverage when it exits.
    const isCovered = this.#options.env?.NODE_V8_COVERAGE !== undefined;
    if (isCovered) return this.#client.shutdown(COVERAGE_MS);
    // What exceeded a limit would go on for seconds before the kernel ends by force.
    if (this.#isOverLimit) return this.#client.close();
    return this.#client.shutdown();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #isOverLimit(): boolean {
    return /^(?:Time|Output)Limit$/.test(this.#failed?.error?.ename ?? "");
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
      const stillRunning = own.map(({ line, what }) => (line ? `line ${line}: ${what}` : what));
      this.reports.set(report.index, { ...report, stillRunning: [...new Set(stillRunning)] });
    }
  }

  #failLeft(): CellReport | undefined {
    const leaves = [...this.reports.values()].find(({ stillRunning }) => stillRunning);
    if (!leaves || !this.#options.strict) return undefined;
    const { index, stillRunning = [] } = leaves;
    const evalue = `it went on when the notebook ended: ${stillRunning.join("; ")}`;
    const problem = { ename: "LeftRunning", evalue, traceback: [] };
    return this.#report(index, { ...leaves, status: "failed", problem });
  }

  #failLate(): CellReport | undefined {
    for (const [index, problem] of this.#outputs.late) {
      const before = this.reports.get(index);
      if (this.#failed || !before) continue;
      return this.#report(index, { status: "failed", duration: before.duration, problem });
    }
    return undefined;
  }

  /** Fails the first passed cell whose outputs contain a secret. */
  async #failSecret(cells: Iterable<CellReport>): Promise<CellReport | undefined> {
    await this.#client.kernel.readSecrets();
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

  async #setParameters(found: FoundParameters): Promise<void> {
    const { startLimit: limit } = this.#options;
    const check = (code: string) => this.#client.runSilently(code, limit);
    const clean = (text: string) => this.#redactor.clean(text);
    this.#parameters = await applyParameters(found, { check, clean });
  }

  #toLateProblem(error: unknown, index: number): CellProblem {
    if (error instanceof KernelDied) return toDeath(error, this.#notebook.cells[index]?.outputs);
    if (!(error instanceof TimeLimit)) throw error;
    const { cellLimit } = this.#options;
    const evalue = `all cells ended, but what they left running kept the kernel busy for ${cellLimit} ms`;
    return { ename: error.name, evalue, traceback: [] };
  }

  #execute(index: number, cell: NotebookCell): Promise<CellProblem | undefined> {
    const { cellLimit, limit, outputLimit } = this.#options;
    return executeCell(this.#client, cell, {
      code: this.#parameters?.index === index ? this.#parameters.code : cellSource(cell),
      cellLimit,
      limit,
      remaining: Math.max(1, this.#deadline - performance.now()),
      outputLimit,
      onOutput: (message) => this.#outputs.add(index, message),
    });
  }
}
