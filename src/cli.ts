#!/usr/bin/env node
import { type Command, print, stoppedBy } from "./cli/command.ts";
import { describeFailure, watchOutput } from "./cli/describe-failure.ts";
import { UsageError } from "./core/command-line.ts";
import { nearNames } from "./core/near-names.ts";
import { readPackage } from "./core/package.ts";
import { watchOwner } from "./kernel/watch-owner.ts";

/** Each command's module is imported only when that command runs, so that starting stays fast. */
const COMMANDS: Readonly<Record<string, { summary: string; load: () => Promise<Command> }>> = {
  new: {
    summary: "make a project of your own: a notebook and its test",
    load: () => import("./cli/new-command.ts"),
  },
  lab: {
    summary: "open the notebooks in JupyterLab, with a practice cloud",
    load: () => import("./cli/lab-command.ts"),
  },
  run: {
    summary: "run notebooks headless; exit code 1 when one fails",
    load: () => import("./runner/run-command.ts"),
  },
  check: {
    summary: "check the types of notebooks without running them",
    load: () => import("./runner/check-command.ts"),
  },
  spark: {
    summary: "run a Spark cluster on this machine that reads the lake",
    load: () => import("./cli/spark-command.ts"),
  },
  practice: {
    summary: "run the practice cloud by itself",
    load: () => import("./cli/practice-command.ts"),
  },
  kernel: {
    summary: "install the kernel for Jupyter and VS Code; list it",
    load: () => import("./cli/kernel-command.ts"),
  },
  doctor: {
    summary: "check this machine and the cloud; say what to repair",
    load: () => import("./cli/doctor-command.ts"),
  },
  docs: {
    summary: "list the documents that come with it, or print one",
    load: () => import("./cli/docs-command.ts"),
  },
};

const HELP = `notelake: Jupyter notebooks in TypeScript for Azure Data Lake Storage

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  notelake ${name.padEnd(10)} ${summary}`)
  .join("\n")}

notelake COMMAND --help says more; notelake --version says which this is.
`;

/** Runs a command line. Returns the exit code: 0, 1 for a failure, 2 for wrong usage. */
async function main([name = "--help", ...args]: string[]): Promise<number> {
  watchOutput();
  if (name === "--help" || name === "-h") return print(HELP);
  if (name === "--version" || name === "-v") return print(readPackage().version);
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    const [near] = nearNames(Object.keys(COMMANDS), name);
    const hint = near ? `Did you mean notelake ${near}? ` : "";
    process.stderr.write(`notelake has no command ${name}. ${hint}See: npx notelake --help\n`);
    return 2;
  }
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => stop.abort(stoppedBy(signal)));
  // npm passes SIGTERM on to its shell, which ends without passing it on.
  if (process.env.npm_lifecycle_event) watchOwner(() => stop.abort(stoppedBy("SIGTERM")));
  try {
    const { run } = await command.load();
    return await run(args, stop.signal);
  } catch (error) {
    if (stop.signal.aborted) return 0;
    process.stderr.write(describeFailure(name, error));
    return error instanceof UsageError ? 2 : 1;
  }
}

main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
