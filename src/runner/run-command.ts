import { mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import pLimit from "p-limit";
import { readCommandLine, readPositive, UsageError } from "../core/command-line.ts";
import { describeSystemError } from "../core/system-error.ts";
import type { CellReport } from "./cell-report.ts";
import { compareOutputs, describeDifferences, mergeOutputs } from "./compare.ts";
import { findNotebooks } from "./find-notebooks.ts";
import { KernelPool } from "./kernel-pool.ts";
import { readNotebook, writeNotebook } from "./notebook.ts";
import { type ParameterValues, parameterTexts } from "./parameters.ts";
import { replaceFile } from "./replace-file.ts";
import { type RunOptions, runNotebook } from "./run.ts";
import { createProgress } from "./run-progress.ts";
import { type NotebookReport, REPORTERS, writeReport } from "./run-report.ts";
import { kernelStart } from "./session-options.ts";

const HELP = `notelake run NOTEBOOK-OR-FOLDER...

Runs notebooks headless, each in a kernel of its own. Cells behind one that
fails are skipped; one tagged raises-exception has to fail, one tagged skip does
not run. Exit code 0 when all passed, 1 when one failed, 2 for a wrong command
line, 130 and 143 when stopped by Ctrl-C and SIGTERM.

  --update              store the outputs in the notebooks that passed
  --check               fail when the outputs are not those stored
  --strict              as --check, to the letter: times and ports count too;
                        and fail what a cell left running, such as a timer
  --slow                run the cells tagged slow too
  -p NAME=VALUE         give a parameter another value than its default, which
                        stands in the cell tagged parameters; several times
  --profile azure       connect() goes where the settings say; without it, to
                        the practice cloud unless the cell names another
  --parallel N          notebooks that run at a time (processors + 1)
  --timeout SEC         most seconds a notebook may take (600)
  --cell-timeout SEC    most seconds a cell may take (120)
  --start-timeout SEC   most seconds a kernel may take to start (30)
  --output DIR          write each notebook with its outputs to DIR
  --html                and beside it as a page of HTML
  --reporter KIND=FILE  write a report: junit=report.xml or json=report.json;
                        may be given several times

Ports, times, durations, request ids and the like differ from run to run: they
do not count as a difference, and --update leaves a cell alone in which nothing
else changed. A cell tagged output-changes is not compared at all.
`;

interface Wanted extends RunOptions {
  readonly kernels: KernelPool;
  readonly update: boolean;
  readonly check: boolean;
  readonly strict: boolean;
}

/** `notelake run`. Returns the exit code. */
export async function run(args: string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = readCommandLine("run", args, {
    allowPositionals: true,
    options: {
      update: { type: "boolean", default: false },
      check: { type: "boolean", default: false },
      strict: { type: "boolean", default: false },
      slow: { type: "boolean", default: false },
      parameter: { type: "string", short: "p", multiple: true, default: [] },
      profile: { type: "string", default: "practice" },
      html: { type: "boolean", default: false },
      help: { type: "boolean", short: "h" },
      parallel: { type: "string", default: String(availableParallelism() + 1) },
      timeout: { type: "string", default: "600" },
      "cell-timeout": { type: "string", default: "120" },
      "start-timeout": { type: "string", default: "30" },
      output: { type: "string" },
      reporter: { type: "string", multiple: true, default: [] },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const files = findNotebooks(positionals);
  if (files.length === 0) {
    const what =
      positionals.length > 0
        ? `finds no notebook in ${positionals.join(", ")}`
        : "needs a notebook";
    throw new UsageError(`notelake run ${what}`, "Such as: npx notelake run notebooks");
  }
  const { update, strict, slow, output, html } = values;
  const check = values.check || strict;
  if (html && output === undefined) throw new UsageError("--html needs --output DIR");
  const { profile } = values;
  if (profile !== "practice" && profile !== "azure") {
    throw new UsageError(`--profile ${profile} is not known: it is practice or azure`);
  }
  const parameters = readParameters(values.parameter);
  if (parameters && (update || check)) {
    throw new UsageError(
      "-p changes what comes out, so that it goes with neither --update nor --check",
      "To keep the outputs: --output DIR",
    );
  }
  const milliseconds = (name: "timeout" | "cell-timeout" | "start-timeout") =>
    readPositive(name, values[name]) * 1000;
  const options: Wanted = {
    update,
    check,
    strict,
    slow,
    profile,
    ...(parameters && { parameters }),
    limit: milliseconds("timeout"),
    cellLimit: milliseconds("cell-timeout"),
    startLimit: milliseconds("start-timeout"),
    signal,
    kernels: new KernelPool(),
  };
  const reporters = values.reporter.map(readReporter);
  const targets = output === undefined ? undefined : outputFiles(files, output);
  const limit = pLimit(readPositive("parallel", values.parallel));
  const progress = createProgress();
  let begun = 0;
  // Starts the kernel of the next notebook while the current one runs.
  const prepareNext = () => {
    const next = files[begun];
    if (next !== undefined) options.kernels.prepare(kernelStart(next, options));
  };
  const reports = await Promise.all(
    files.map((file) =>
      limit(async () => {
        begun++;
        const report = await runOne(file, { ...options, onCell: prepareNext }, progress);
        const target = targets?.get(file);
        const written = target ? await writeOutput(report, target, html) : report;
        progress.finish(written);
        return written;
      }),
    ),
  );
  await options.kernels.close();
  for (const [kind, path] of reporters) await writeReport(kind, path, reports);
  const failed = reports.filter(({ status }) => status === "failed").length;
  if (signal.aborted) return stopped(signal);
  if (reports.length > 1) {
    process.stdout.write(`${reports.length - failed} passed, ${failed} failed\n`);
  }
  return failed > 0 ? 1 : 0;
}

function stopped({ reason }: AbortSignal): number {
  const { message, exitCode = 1 } = reason as { message: string; exitCode?: number };
  process.stderr.write(`notelake run: ${message}\n`);
  return exitCode;
}

function readParameters(texts: readonly string[]): ParameterValues | undefined {
  if (texts.length === 0) return undefined;
  const entries = texts.map((text): [string, string] => {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined || value === undefined) {
      throw new UsageError(`-p ${text} names no parameter and its value`, "Such as: -p days=30");
    }
    return [name.trim(), value];
  });
  return parameterTexts(Object.fromEntries(entries));
}

function readReporter(text: string): readonly [kind: string, file: string] {
  const [kind = "", ...rest] = text.split("=");
  const file = rest.join("=");
  if (Object.hasOwn(REPORTERS, kind) && file) return [kind, file];
  throw new UsageError(
    `--reporter ${text} names no report and its file`,
    `Such as: ${Object.keys(REPORTERS)
      .map((name) => `--reporter ${name}=report.${name === "junit" ? "xml" : name}`)
      .join(" ")}`,
  );
}

/** @throws UsageError when two notebooks would be written to the same file */
function outputFiles(files: readonly string[], folder: string): Map<string, string> {
  const targets = new Map<string, string>();
  for (const file of files) {
    const target = join(folder, basename(file));
    const other = [...targets].find(([, taken]) => taken === target)?.[0];
    if (other) throw new UsageError(`${other} and ${file} would both be written to ${target}`);
    targets.set(file, target);
  }
  return targets;
}

/** Runs one notebook. Never throws: any error is in the report. */
async function runOne(
  file: string,
  { update, check, strict, ...options }: Wanted,
  progress: ReturnType<typeof createProgress>,
): Promise<NotebookReport> {
  const started = performance.now();
  const cells = new Map<number, CellReport>();
  const failed = (error: string): NotebookReport => ({
    file,
    status: "failed",
    duration: performance.now() - started,
    cells: [...cells.values()],
    error,
  });
  try {
    options.signal?.throwIfAborted();
    const stored = await readNotebook(file);
    progress.start(file);
    const result = await runNotebook(file, {
      ...options,
      strict,
      onCell: ({ index, cells: all }) => {
        progress.cell(file, index, all);
        options.onCell?.({ index, cells: all });
      },
      onReport: (report) => {
        cells.set(report.index, report);
        progress.report(file, report);
      },
    });
    const { notebook, duration } = result;
    const report = { file, duration, cells: result.cells, notebook };
    if (result.error) return { ...report, status: "failed" };
    if (!update && !check) return { ...report, status: "passed" };
    const differences = compareOutputs(stored, notebook, { strict });
    if (update) await writeNotebook(file, mergeOutputs(stored, notebook));
    if (check && differences.length > 0) {
      return { ...report, status: "failed", error: describeDifferences(file, differences) };
    }
    const changed = update ? differences.length : 0;
    return { ...report, status: "passed", ...(changed > 0 && { changed }) };
  } catch (error) {
    return failed(describeSystemError(error) ?? (error as Error).message);
  }
}

/** Writes a notebook with its outputs to another path; an error makes the report a failed one. */
async function writeOutput(
  report: NotebookReport,
  target: string,
  html: boolean,
): Promise<NotebookReport> {
  const { file, notebook } = report;
  if (!notebook) return report;
  try {
    await mkdir(join(target, ".."), { recursive: true });
    await writeNotebook(target, notebook);
    if (html) {
      // Loaded only when needed.
      const { toHtml } = await import("./html.ts");
      await replaceFile(target.replace(/(\.ipynb)?$/, ".html"), toHtml(file, notebook));
    }
    return report;
  } catch (error) {
    const why = describeSystemError(error) ?? (error as Error).message;
    return { ...report, status: "failed", error: why };
  }
}
