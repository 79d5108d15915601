import type { Message } from "../kernel/wire.ts";
import type { CellProblem } from "./cell-error.ts";
import { hasTag, RAISES } from "./cell-tags.ts";
import { type KernelClient, KernelDied, TimeLimit } from "./kernel-client.ts";
import type { CellOutput, NotebookCell } from "./notebook.ts";

interface Execution {
  /** The code to run: the cell's source, or that with other parameters. */
  readonly code: string;
  /** Milliseconds for the cell, and those left for the whole notebook. */
  readonly cellLimit: number;
  readonly limit: number;
  readonly remaining: number;
  /** Maximum length of its outputs in characters. */
  readonly outputLimit: number;
  readonly onOutput: (message: Message) => void;
}

/**
 * Runs a cell and sets its execution count. Returns its error, also when a cell tagged
 * `raises-exception` did not raise one.
 */
export async function executeCell(
  client: KernelClient,
  cell: NotebookCell,
  { code, cellLimit, limit: whole, remaining, outputLimit, onOutput }: Execution,
): Promise<CellProblem | undefined> {
  const request = {
    code,
    silent: false,
    store_history: true,
    user_expressions: {},
    allow_stdin: false,
    stop_on_error: true,
  };
  const flood = Promise.withResolvers<never>();
  let size = 0;
  let thrown: Message["content"] | undefined;
  try {
    const running = client.request("execute_request", request, {
      limit: Math.min(cellLimit, remaining),
      onOutput: (message) => {
        size += sizeOf(message);
        if (message.header.msg_type === "error") thrown ??= message.content;
        if (size > outputLimit) flood.reject(new OutputLimit());
        else onOutput(message);
      },
    });
    const reply = await Promise.race([running, flood.promise]);
    cell.execution_count = Number(reply.execution_count);
    const expected = hasTag(cell, RAISES);
    // A callback may throw after the reply was sent.
    const failed = reply.status === "ok" ? thrown : reply;
    if (!failed) return expected ? NOTHING_RAISED : undefined;
    return expected && reply.status !== "aborted" ? undefined : toProblem(failed);
  } catch (error) {
    if (error instanceof KernelDied) return toDeath(error, cell.outputs);
    if (error instanceof OutputLimit) {
      const evalue = `the outputs of the cell have more than ${outputLimit} characters`;
      return { ename: error.name, evalue, traceback: [] };
    }
    if (!(error instanceof TimeLimit)) throw error;
    const [what, allowed] =
      remaining < cellLimit ? ["the notebook", whole] : ["the cell", cellLimit];
    const evalue = `${what} did not end within ${allowed} ms`;
    return { ename: error.name, evalue, traceback: [] };
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

/** What the kernel said last of a cell, if it did, says more than its log. */
export function toDeath(error: KernelDied, outputs: readonly CellOutput[] = []): CellProblem {
  const said = outputs.findLast((output) => output.output_type === "error");
  const [evalue = "", ...log] = error.message.split("\n");
  return { ename: error.name, evalue, traceback: said?.traceback ?? log, exit: error.exit };
}

/** The error in a reply or message of the kernel. */
export function toProblem(content: Record<string, unknown>): CellProblem {
  const { status, ename, evalue, traceback } = content;
  if (status === "aborted")
    return { ename: "Aborted", evalue: "the kernel skipped it", traceback: [] };
  return {
    ename: String(ename),
    evalue: String(evalue),
    traceback: Array.isArray(traceback) ? traceback.map(String) : [],
  };
}
