import { availableParallelism } from "node:os";
import { readCommandLine, readPositive, UsageError } from "../core/command-line.ts";
import { describeRefusal } from "../core/refusal.ts";
import { compareOutputs, describeDifferences, mergeOutputs } from "./compare.ts";
import { findNotebooks } from "./find-notebooks.ts";
import { readNotebook, writeNotebook } from "./notebook.ts";
import { type RunOptions, runNotebook } from "./run.ts";
import { createTurnstile } from "./turnstile.ts";

const HELP = `notelake run NOTEBOOK-OR-FOLDER...

Runs notebooks headless, each in a kernel of its own. Stops at the first cell
that fails, unless it is tagged raises-exception: then it has to fail. Exit code
0 when all passed, 1 when one failed, 2 for a wrong command line.

  --update            store the outputs in the notebooks that passed
  --check             fail when the outputs are not those stored in the notebook
  --parallel N        notebooks that run at a time (one a processor)
  --cell-limit SEC    most seconds a cell may take (120)
  --limit SEC         most seconds a notebook may take (600)

Ports, times, durations, request ids and the like differ from run to run: they
do not count as a difference, and --update leaves a cell alone in which nothing
else changed. A cell tagged output-changes is not compared at all.
`;

interface Wanted extends RunOptions {
  update: boolean;
  check: boolean;
}

/** `notelake run`; answers the exit code. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = readCommandLine("run", args, {
    allowPositionals: true,
    options: {
      update: { type: "boolean", default: false },
      check: { type: "boolean", default: false },
      help: { type: "boolean", short: "h" },
      parallel: { type: "string", default: String(availableParallelism()) },
      "cell-limit": { type: "string", default: "120" },
      limit: { type: "string", default: "600" },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (positionals.length === 0) {
    throw new UsageError(
      "notelake run needs a notebook",
      "Such as: npx notelake run notebooks/*.ipynb",
    );
  }
  const { update, check } = values;
  const cellLimit = readPositive("cell-limit", values["cell-limit"]) * 1000;
  const limit = readPositive("limit", values.limit) * 1000;
  const takeTurn = createTurnstile(readPositive("parallel", values.parallel));
  const progress = createProgress();
  const passed = await Promise.all(
    findNotebooks(positionals).map((file) =>
      takeTurn(async () => {
        const onCell: RunOptions["onCell"] = ({ index, cells }) =>
          progress.show(file, `${file} cell ${index + 1} of ${cells}`);
        progress.show(file, file);
        const { text, ok } = await runOne(file, { update, check, cellLimit, limit, onCell });
        progress.finish(file, text);
        return ok;
      }),
    ),
  );
  const failed = passed.filter((ok) => !ok).length;
  if (passed.length > 1) {
    process.stdout.write(`${passed.length - failed} passed, ${failed} failed\n`);
  }
  return failed > 0 ? 1 : 0;
}

/** Runs one notebook, and says in words how it went. */
async function runOne(
  file: string,
  { update, check, ...options }: Wanted,
): Promise<{ text: string; ok: boolean }> {
  const started = performance.now();
  const took = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  try {
    const stored = await readNotebook(file);
    const { error, notebook, ran } = await runNotebook(file, options);
    if (error) return { text: `FAIL  ${file}  ${took()}\n${error.message}\n`, ok: false };
    const differences = compareOutputs(stored, notebook);
    if (update) await writeNotebook(file, mergeOutputs(stored, notebook));
    if (check && differences.length > 0) {
      const what = describeDifferences(file, differences);
      return { text: `FAIL  ${file}  ${took()}\n${what}\n`, ok: false };
    }
    const changed = update && differences.length > 0 ? `, ${differences.length} written anew` : "";
    return { text: `ok    ${file}  ${ran} code cells${changed}  ${took()}\n`, ok: true };
  } catch (error) {
    const why = describeRefusal(error) ?? (error as Error).message;
    return { text: `FAIL  ${file}  ${took()}\n${why}\n`, ok: false };
  }
}

/** A line on a terminal that says what runs, above it what has finished. */
function createProgress() {
  const running = new Map<string, string>();
  const isTerminal = process.stdout.isTTY === true;
  const clear = isTerminal ? "\r\x1b[K" : "";
  const status = () => (isTerminal ? `run   ${[...running.values()].join(", ")}` : "");
  return {
    show(file: string, text: string) {
      running.set(file, text);
      if (isTerminal) process.stdout.write(clear + status());
    },
    finish(file: string, text: string) {
      running.delete(file);
      process.stdout.write(clear + text + (running.size > 0 ? status() : ""));
    },
  };
}
