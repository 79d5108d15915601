#!/usr/bin/env node
// The command `notelake`: what was built where the package is installed, the sources as they are in
// a checkout, so that `npx notelake` works in both.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

// Nothing more than this may be loaded before: an older Node.js could not.
const { engines } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const oldest = engines.node.replace(">=", "");
const [major, minor] = process.versions.node.split(".").map(Number);
const [oldestMajor, oldestMinor] = oldest.split(".").map(Number);
if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
  console.error(
    `notelake needs Node.js ${oldest} or later, and this is ${process.versions.node}: install a ` +
      "newer one, or one for this folder alone with: npm install --save-dev node@24",
  );
  process.exit(1);
}

const source = fileURLToPath(new URL("./cli.ts", import.meta.url));
const built = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const quiet = "--disable-warning=ExperimentalWarning";
const flags = existsSync(source) ? [quiet, "--conditions=notelake-source", source] : [quiet, built];
const args = [...flags, ...process.argv.slice(2)];

// In place of this process where the system can, so that signals reach the command itself.
if (process.platform !== "win32" && "execve" in process) {
  // Node.js 22.18 hands on no environment unless it is told to.
  process.execve(process.execPath, [process.execPath, ...args], process.env);
}
process.exitCode = spawnSync(process.execPath, args, { stdio: "inherit" }).status ?? 1;
