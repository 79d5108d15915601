#!/usr/bin/env node
import { parseArgs } from "node:util";
import { runCommand } from "./runner/command.ts";

const HELP = `notelake: Jupyter notebooks in TypeScript for Azure Data Lake Storage

  notelake run NOTEBOOK...   run notebooks headless; exit code 1 when one fails

notelake COMMAND --help says more.
`;

const [command, ...rest] = process.argv.slice(2);
void parseArgs;
switch (command) {
  case "run":
    process.exitCode = await runCommand(rest);
    break;
  default:
    process.stdout.write(HELP);
    process.exitCode = command === undefined || command === "--help" ? 0 : 2;
}
