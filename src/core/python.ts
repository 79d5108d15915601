import { spawn } from "node:child_process";

/** A Python environment to create, and its errors. */
export interface PythonEnvironment {
  /** Folder of the environment. */
  readonly venv: string;
  readonly python: string;
  /** Arguments of pip: `["-r", "requirements.txt"]` or names with versions. */
  readonly install: readonly string[];
  /** What is installed, for messages. */
  readonly what: string;
  /** The oldest supported Python. */
  readonly oldest: readonly [number, number];
  /** Called with progress messages. */
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
  /** Environment of the programs. Default: this process's own. */
  readonly env?: NodeJS.ProcessEnv;
  /** The error when no Python on PATH is supported; `versions` are those found. */
  readonly noPython: (versions: readonly string[]) => Error;
  readonly failed: (command: string, output: string) => Error;
}

/** Makes a Python environment with uv if it is there, else with Python's venv and pip. */
export async function makePythonEnvironment(environment: PythonEnvironment): Promise<void> {
  const { venv, python, install, what, oldest, say, signal } = environment;
  const env = environment.env ?? process.env;
  const must = async (command: string, args: readonly string[]) => {
    const { code, output } = await runProgram(command, args, signal, env);
    if (code === 0) return;
    signal.throwIfAborted();
    throw environment.failed([command, ...args].join(" "), output);
  };
  if ((await runProgram("uv", ["--version"], signal)).code === 0) {
    say("  with uv");
    await must("uv", ["venv", "--quiet", "--python", `>=${oldest.join(".")}`, venv]);
    await must("uv", ["pip", "install", "--quiet", "--python", python, ...install]);
    return;
  }
  const base = await findPython(environment);
  say(`  with ${base.command} (Python ${base.version})`);
  await must(base.command, ["-m", "venv", venv]);
  say(`  downloading ${what}`);
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"];
  await must(python, [...pip, ...install]);
}

async function findPython({
  oldest,
  signal,
  noPython,
}: PythonEnvironment): Promise<{ command: string; version: string }> {
  const versions: string[] = [];
  for (const command of ["python3", "python"]) {
    const { code, output } = await runProgram(command, ["--version"], signal);
    const version = /Python (\d+)\.(\d+)\S*/.exec(output);
    if (code !== 0 || !version) continue;
    const [major, minor] = [Number(version[1]), Number(version[2])];
    if (major === oldest[0] && minor >= oldest[1]) {
      return { command, version: version[0].slice("Python ".length) };
    }
    versions.push(`${command} is ${version[0]}`);
  }
  throw noPython(versions);
}

/** Runs a program to its end; a missing one has the code 127, as in a shell. */
export function runProgram(
  command: string,
  args: readonly string[],
  signal: AbortSignal,
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], signal, env });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
      });
    }
    child.once("error", ({ message }) => resolve({ code: 127, output: message }));
    child.once("close", (code) => resolve({ code, output }));
  });
}
