#!/usr/bin/env node
// The command `notelake`: what was built where the package is installed, the sources as they are in
// a checkout, so that `npx notelake` works in both.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("./cli.ts", import.meta.url));
const built = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const quiet = "--disable-warning=ExperimentalWarning";
const flags = existsSync(source) ? [quiet, "--conditions=notelake-source", source] : [quiet, built];
const args = [...flags, ...process.argv.slice(2)];

// In place of this process where the system can, so that signals reach the command itself.
if (process.platform !== "win32" && "execve" in process) {
  process.execve(process.execPath, [process.execPath, ...args]);
}
process.exitCode = spawnSync(process.execPath, args, { stdio: "inherit" }).status ?? 1;
