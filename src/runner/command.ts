import { parseArgs } from "node:util";
import { writeNotebook } from "./notebook.ts";
import { runNotebook } from "./run.ts";

const HELP = `notelake run NOTEBOOK...

Runs notebooks headless, each in a kernel of its own. Stops at the first cell that fails, unless it
is tagged raises-exception. Exit code 0 when all passed, 1 when one failed, 2 for wrong usage.

  --write            write the outputs back into the notebooks that passed
  --cell-limit SEC   most seconds a cell may take (120)
  --limit SEC        most seconds a notebook may take (600)
`;

/** `notelake run`; answers the exit code. */
export async function runCommand(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      write: { type: "boolean", default: false },
      help: { type: "boolean", short: "h" },
      "cell-limit": { type: "string", default: "120" },
      limit: { type: "string", default: "600" },
    },
  });
  if (values.help || positionals.length === 0) {
    process.stdout.write(HELP);
    return values.help ? 0 : 2;
  }
  let failed = 0;
  for (const file of positionals) {
    const result = await runNotebook(file, {
      cellLimit: Number(values["cell-limit"]) * 1000,
      limit: Number(values.limit) * 1000,
    });
    const seconds = (result.duration / 1000).toFixed(1);
    if (result.error) {
      failed++;
      process.stdout.write(`FAIL  ${file}  ${seconds} s\n${result.error.message}\n`);
      continue;
    }
    if (values.write) await writeNotebook(file, result.notebook);
    process.stdout.write(`ok    ${file}  ${result.ran} cells  ${seconds} s\n`);
  }
  return failed ? 1 : 0;
}
