// Runs notebooks on the stock tslab of a project that has notelake installed, cell by cell over the
// Jupyter protocol, and compares with the outputs that are stored in them, which are our kernel's:
//   node run.ts PROJECT NOTEBOOK...
// tslab writes the value of a cell to standard output, where ours shows a card, a table or a plot:
// it has to be the text of the same thing. A cell tagged raises-exception has to fail, with the
// message that ours has; no other may, or write to standard error. What it writes besides is
// in differences.ts.
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Message } from "../../../src/kernel/wire.ts";
import { RAISES } from "../../../src/runner/cell-tags.ts";
import { KernelClient } from "../../../src/runner/kernel-client.ts";
import { normalize } from "../../../src/runner/normalize.ts";
import { cellSource, type NotebookCell, readNotebook } from "../../../src/runner/notebook.ts";
import { WRITTEN_BEFORE, WRITTEN_INSTEAD } from "./differences.ts";

interface CellRun {
  readonly status: string;
  readonly stdout: string;
  readonly stderr: string;
  /** MIME types of what was shown as anything but text. */
  readonly shown: readonly string[];
}

/** tslab refuses requests for a while after a cell that failed. */
const REFUSAL_MS = 100;
/** How long errors of timers are waited for after the last cell. */
const DRAIN_MS = 300;

const [project = ".", ...files] = process.argv.slice(2);
const command = [
  process.execPath,
  join(project, "node_modules/tslab/bin/tslab"),
  "kernel",
  "--config-path",
];
const env = { ...process.env, NOTELAKE_HEADLESS: "1" };

let failed = 0;
for (const file of files) {
  const started = performance.now();
  const problems = await compare(file);
  for (const problem of problems) console.log(problem);
  failed += problems.length;
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`${problems.length ? "does not hold" : "holds"}: ${basename(file)} (${seconds} s)`);
}
process.exitCode = failed > 0 ? 1 : 0;

/** What does not hold of a notebook. */
async function compare(file: string): Promise<string[]> {
  const notebook = await readNotebook(file);
  const client = await KernelClient.start({ cwd: project, env, command, limit: 60_000 });
  const problems: string[] = [];
  client.onLate = ({ header, content }) => {
    problems.push(`  late ${header.msg_type}: ${JSON.stringify(content)}`);
  };
  try {
    for (const cell of notebook.cells) {
      if (cell.cell_type !== "code") continue;
      const problem = problemOf(cell, await runCell(client, cell), basename(file, ".ipynb"));
      if (problem) problems.push(`  ${basename(file)}, cell ${cell.id}: ${problem}`);
    }
    await sleep(DRAIN_MS);
  } finally {
    await client.shutdown(1000);
  }
  return problems;
}

async function runCell(client: KernelClient, cell: NotebookCell): Promise<CellRun> {
  const request = { code: cellSource(cell), silent: false, store_history: true };
  for (;;) {
    const messages: Message[] = [];
    const reply = await client.request("execute_request", request, {
      limit: 120_000,
      onOutput: (message) => messages.push(message),
    });
    if (reply.status === "abort") {
      await sleep(REFUSAL_MS);
      continue;
    }
    const written = (name: string) =>
      messages
        .filter(({ header, content }) => header.msg_type === "stream" && content.name === name)
        .map(({ content }) => content.text)
        .join("");
    return {
      status: String(reply.status),
      stdout: written("stdout"),
      stderr: written("stderr"),
      shown: messages.flatMap(({ content }) => Object.keys(content.data ?? {})),
    };
  }
}

function problemOf(cell: NotebookCell, run: CellRun, notebook: string): string | undefined {
  const { status, stdout, stderr, shown } = run;
  const { text, error } = storedText(cell);
  if (shown.length > 0) return `it shows ${shown.join(", ")}`;
  if (cell.metadata.tags?.includes(RAISES)) {
    if (status !== "error") return `it should fail, and is ${status}`;
    if (error && comparable(stderr).includes(comparable(error))) return undefined;
    return `it fails with:\n${stderr}\nwhere this was expected:\n${error}`;
  }
  if (status !== "ok" || stderr) return `it is ${status}:\n${stderr}`;
  const before = WRITTEN_BEFORE[notebook]?.[cell.id] ?? "";
  const expected = `${before}\n${WRITTEN_INSTEAD[notebook]?.[cell.id] ?? text}`;
  if (comparable(stdout) === comparable(expected)) return undefined;
  return `it prints:\n${stdout}\nwhere this was expected:\n${expected}`;
}

/** The text of a cell's stored outputs, and the message that it failed with. */
function storedText({ outputs = [] }: NotebookCell): { text: string; error: string } {
  let text = "";
  let error = "";
  for (const output of outputs) {
    if (output.output_type === "error") error = output.evalue;
    else if (output.output_type === "stream") text += output.text.join("");
    else text += `${[output.data["text/plain"]].flat().join("")}\n`;
  }
  return { text, error };
}

/** Without what differs from run to run. Where lines break is up to a kernel. */
function comparable(text: string): string {
  const withoutPage = text.replace(/ If you see none, open \S+ there\./, "");
  return normalize(withoutPage).replace(/\s+/g, " ").trim();
}
