import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { afterAll, beforeAll, inject, type TestContext } from "vitest";
import { BorrowedKernels } from "./borrowed-kernel.ts";
import { type CellReport, describeStillRunning } from "./cell-report.ts";
import { compareOutputs, describeDifferences } from "./compare.ts";
import { type Notebook, readNotebook } from "./notebook.ts";
import { NotebookSession } from "./notebook-session.ts";
import { parameterNames } from "./parameters.ts";
import { sourceLines } from "./source-lines.ts";
import { PROVIDED, type TestOptions } from "./vitest-options.ts";

type CellTest = (context: TestContext) => Promise<void>;

/**
 * The state that the tests of one notebook share; called by the module that the plug-in generates.
 *
 * @returns makes the test of a cell, by its number among all cells, from 0
 */
export function openNotebook(file: string): (index: number) => CellTest {
  const tested = new TestedNotebook(file, inject(PROVIDED as never) as TestOptions);
  // If the kernel does not start, the first test that needs it fails.
  beforeAll(() => tested.start().then(undefined, () => {}), 0);
  afterAll(() => tested.close(), 0);
  return (index) => (context) => tested.test(index, context);
}

/** A notebook whose cells are tests, which may run in any order and repeatedly. */
class TestedNotebook {
  readonly #file: string;
  readonly #options: TestOptions;
  readonly #tested = new Set<number>();
  readonly #changed = new Set<number>();
  #session: Promise<NotebookSession> | undefined;
  #stored: Notebook | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(file: string, options: TestOptions) {
    this.#file = file;
    this.#options = options;
  }

  start(): Promise<NotebookSession> {
    this.#session ??= this.#open();
    return this.#session;
  }

  async #open(): Promise<NotebookSession> {
    const { parameters = {}, lender, ...options } = this.#options;
    const names = parameterNames(await readNotebook(this.#file));
    const own = Object.entries(parameters).filter(([name]) => names.includes(name));
    return NotebookSession.open(this.#file, {
      ...options,
      parameters: Object.fromEntries(own),
      ...(lender && { kernels: new BorrowedKernels(lender) }),
    });
  }

  async close(): Promise<void> {
    const session = await this.#session?.catch(() => undefined);
    this.#session = undefined;
    await session?.close();
  }

  /** Runs the cell after all cells before it, one at a time, also when tests are concurrent. */
  test(index: number, context: TestContext): Promise<void> {
    const done = this.#queue.then(() => this.#test(index, context));
    this.#queue = done.catch(() => {});
    return done;
  }

  async #test(index: number, context: TestContext): Promise<void> {
    // A retried or repeated cell runs in a new kernel, after the cells before it.
    if (this.#tested.has(index)) await this.close();
    this.#tested.add(index);
    const session = await this.start();
    this.#stored ??= await readNotebook(this.#file);
    for (const each of session.codeCells.filter((other) => other <= index)) {
      await session.run(each);
    }
    const report = await session.run(index);
    if (report.status === "passed") await this.#compare(session, [index]);
    const late = this.#isLast(context) ? await this.#last(session) : undefined;
    const failed = [...session.reports.values()].find(({ status }) => status === "failed");
    if (
      failed &&
      (failed === report || failed === late || !this.#isToldElsewhere(failed, context))
    ) {
      throw this.#failure(failed);
    }
    if (report.status === "skipped") context.skip(report.reason);
  }

  /** Errors after the last cell are reported with it. */
  async #last(session: NotebookSession): Promise<CellReport | undefined> {
    const late = await session.settle();
    for (const report of session.reports.values()) {
      const notice = report.status === "passed" ? describeStillRunning(report) : undefined;
      if (notice) console.warn(`${report.name}  ${notice}`);
    }
    const passed = [...session.reports.values()].filter(({ status }) => status === "passed");
    const unchanged = passed.map(({ index }) => index).filter((index) => !this.#changed.has(index));
    await this.#compare(session, unchanged);
    return late;
  }

  async #compare(session: NotebookSession, indices: readonly number[]): Promise<void> {
    const { compare, normalize = [], strict = false } = this.#options;
    const stored = this.#stored;
    if (!compare || !stored) return;
    const differences = () =>
      compareOutputs(stored, session.notebook, { normalize, strict }).filter(({ index }) =>
        indices.includes(index),
      );
    if (differences().length === 0) return;
    // Output of timers may still arrive.
    await session.settle();
    const differing = differences();
    if (differing.length === 0) return;
    for (const { index } of differing) this.#changed.add(index);
    const path = relative(process.cwd(), this.#file);
    const remedy = `If this is meant: npx notelake run --update ${path}`;
    const message = `${describeDifferences(this.#file, differing)}\n${remedy}`;
    throw testError("OutputsChanged", message, this.#place(differing[0]?.index ?? 0, 1));
  }

  #failure(report: CellReport): Error {
    const { error, index } = report;
    if (!error) return new Error(`${report.name} failed`);
    return testError("CellError", error.message, this.#place(index, error.line ?? 1));
  }

  #place(index: number, line: number): Place {
    const lines = sourceLines(readFileSync(this.#file, "utf8"))[index] ?? [];
    return { file: this.#file, line: lines[line - 1] ?? lines[0] ?? 1, column: 1 };
  }

  /**
   * Whether the test of another cell tells its failure: it was not filtered out, and when this one is
   * to be tried again, not still to come in a shuffled order.
   */
  #isToldElsewhere({ index, name }: CellReport, { task }: TestContext): boolean {
    const other = task.file.tasks.find((each) => each.name === name);
    if (!other || other.mode === "skip" || other.mode === "todo") return false;
    return !task.retry || this.#tested.has(index);
  }

  #isLast({ task }: TestContext): boolean {
    const requested = task.file.tasks.filter(({ mode }) => mode !== "skip" && mode !== "todo");
    return this.#tested.size >= requested.length;
  }
}

interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** An error as Vitest's reporters show it: message, and position in the notebook's file. */
function testError(name: string, message: string, place: Place): Error {
  const { file, line, column } = place;
  const error = new Error(message);
  error.name = name;
  error.stack = `${name}: ${message}\n    at ${file}:${line}:${column}`;
  return Object.assign(error, {
    stacks: [{ method: "", ...place }],
    // Instead of a code frame, which would show JSON.
    frame: ` ❯ ${relative(process.cwd(), file)}:${line}:${column}\n`,
  });
}
