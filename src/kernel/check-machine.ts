import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Check } from "../core/check.ts";
import { isTooOld, OLDEST_NODE } from "../core/node-version.ts";
import { listKernels } from "./installed-kernels.ts";
import { dataFolders } from "./jupyter-paths.ts";

/** Checks what notebooks need of the machine. Never throws, changes nothing. */
export async function checkMachine(folder = ".jupyter"): Promise<Check[]> {
  return [
    checkNode(process.versions.node),
    checkKernel(),
    await checkNative("zeromq", "what the kernel talks to Jupyter with"),
    await checkNative("@duckdb/node-api", "the engine that reads files"),
    await checkJupyter(folder),
    await checkInstalled(),
  ];
}

export function checkNode(version: string): Check {
  const subject = "Node.js";
  if (!isTooOld(version)) return { subject, state: "ok", finding: version };
  return {
    subject,
    state: "failed",
    finding: `${version} is older than ${OLDEST_NODE}`,
    remedy: "Install a newer one, or one for this folder alone: npm install --save-dev node@24",
  };
}

const here = createRequire(import.meta.url);

function versionOf(name: string): string {
  return (here(`${name}/package.json`) as { version: string }).version;
}

function checkKernel(): Check {
  const subject = "TypeScript kernel";
  try {
    const { dependencies } = here("../../package.json") as {
      dependencies: Readonly<Record<string, string>>;
    };
    const [installed, requested] = [versionOf("typescript"), dependencies.typescript];
    if (installed === requested)
      return { subject, state: "ok", finding: `TypeScript ${installed}` };
    return {
      subject,
      state: "warning",
      finding: `TypeScript ${installed} in place of ${requested}`,
      remedy: "npm install puts back the version that the kernel was made for.",
    };
  } catch (error) {
    return missing(subject, "TypeScript is not installed", error);
  }
}

async function checkNative(name: string, use: string): Promise<Check> {
  try {
    await import(name);
    return { subject: name, state: "ok", finding: `${versionOf(name)}, ${use}` };
  } catch (error) {
    return missing(name, `${use}, does not load`, error);
  }
}

function missing(subject: string, finding: string, error: unknown): Check {
  const { code, message } = error as NodeJS.ErrnoException;
  return {
    subject,
    state: "failed",
    finding: `${finding} (${code ?? message.split("\n")[0]})`,
    remedy: "Run npm install again, on this machine and with this Node.js.",
  };
}

const run = promisify(execFile);

/** The first version number that a command prints; undefined when it does not run. */
async function printed(command: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(command, ["--version"], { timeout: 20_000 });
    return /\d+\.\d+\S*/.exec(stdout)?.[0];
  } catch {
    return undefined; // not installed, or broken
  }
}

async function checkJupyter(folder: string): Promise<Check> {
  const subject = "JupyterLab";
  // Set in kernels that a Jupyter server started, whose programs need not be on PATH.
  if (process.env.JPY_PARENT_PID) return { subject, state: "ok", finding: "runs this kernel" };
  const bin = join(folder, "venv", process.platform === "win32" ? "Scripts" : "bin");
  for (const [command, where] of [
    ["jupyter-lab", "on PATH"],
    [join(bin, "jupyter-lab"), `in ${folder}`],
  ] as const) {
    const version = await printed(command);
    if (version && Number.parseInt(version, 10) >= 4) {
      return { subject, state: "ok", finding: `${version} ${where}` };
    }
  }
  for (const command of ["uv", "python3", "python"]) {
    const version = await printed(command);
    const [major = 0, minor = 0] = (version ?? "").split(".").map(Number);
    if (version && (command === "uv" || (major === 3 && minor >= 10))) {
      const finding = `none yet: notelake lab makes one with ${command} ${version}`;
      return { subject, state: "ok", finding };
    }
  }
  return {
    subject,
    state: "warning",
    finding: "none, and neither uv nor Python 3.10 to make one with",
    remedy: "Install Python 3.10 or later, or uv; npm test runs the notebooks without either.",
  };
}

/** Whether Jupyter or Visual Studio Code finds the kernel. */
async function checkInstalled(): Promise<Check> {
  const subject = "Kernel in Jupyter";
  const remedy = "npx notelake kernel install";
  try {
    const kernels = await listKernels(dataFolders());
    const works = kernels.find(({ missing }) => missing.length === 0);
    if (works) return { subject, state: "ok", finding: `installed in ${works.folder}` };
    const [stale] = kernels;
    if (stale) {
      const finding = `${stale.folder} starts ${stale.missing.join(" and ")}, which is gone`;
      return { subject, state: "warning", finding, remedy };
    }
  } catch {
    // No home folder, so no kernels of this user.
  }
  const finding = "not installed: only notelake lab and notelake run have it";
  return { subject, state: "warning", finding, remedy };
}
