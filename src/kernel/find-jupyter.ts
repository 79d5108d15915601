import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { JupyterError } from "./jupyter-error.ts";

/** Exact versions that are known to work, for every Python they are made for. */
const REQUIREMENTS = fileURLToPath(
  new URL("../../src/kernel/jupyter-requirements.txt", import.meta.url),
);
const OLDEST_LAB = 4;
const OLDEST_PYTHON = [3, 10] as const;
const REMEDY = [
  "Install Python 3.10 or later (Debian and Ubuntu: apt install python3 python3-venv), or uv",
  "(https://docs.astral.sh/uv/), or JupyterLab 4 itself, and run this again. Without any of them",
  "the notebooks still run: npx notelake run notebooks/*.ipynb",
].join("\n");

export interface FindOptions {
  /** `.jupyter`: where one is made when there is none. */
  readonly folder: string;
  /** Told what is going on, in words for a person. */
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * The `jupyter-lab` to run: the one on PATH, else one of our own in `folder`, made with uv or
 * with Python's venv and pip at the first start.
 *
 * @throws JupyterError `NO_JUPYTER` when there is no way to one
 */
export async function findJupyterLab({ folder, say, signal }: FindOptions): Promise<string> {
  const onPath = await labVersion("jupyter-lab", signal);
  if (onPath && Number.parseInt(onPath, 10) >= OLDEST_LAB) {
    say(`Using JupyterLab ${onPath} from your PATH.`);
    return "jupyter-lab";
  }
  const venv = join(folder, "venv");
  const bin = join(venv, process.platform === "win32" ? "Scripts" : "bin");
  const lab = join(bin, "jupyter-lab");
  const stamp = join(venv, "notelake-requirements");
  const wanted = createHash("sha256")
    .update(await readFile(REQUIREMENTS))
    .digest("hex");
  const made = await readFile(stamp, "utf8").catch(() => "");
  if (made === wanted && (await labVersion(lab, signal))) return lab;
  say("No JupyterLab on your PATH: making one in .jupyter/ (once, about a minute).");
  await rm(venv, { recursive: true, force: true });
  await makeEnvironment(venv, join(bin, "python"), say, signal);
  await writeFile(stamp, wanted);
  return lab;
}

async function makeEnvironment(
  venv: string,
  python: string,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  if ((await run("uv", ["--version"], signal)).code === 0) {
    say("  with uv");
    await must("uv", ["venv", "--quiet", "--python", ">=3.10", venv], signal);
    await must("uv", ["pip", "install", "--quiet", "--python", python, "-r", REQUIREMENTS], signal);
    return;
  }
  const base = await findPython(signal);
  say(`  with ${base.command} (Python ${base.version})`);
  await must(base.command, ["-m", "venv", venv], signal);
  say("  downloading JupyterLab");
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"];
  await must(python, [...pip, "-r", REQUIREMENTS], signal);
}

async function findPython(signal: AbortSignal): Promise<{ command: string; version: string }> {
  const found: string[] = [];
  for (const command of ["python3", "python"]) {
    const { code, output } = await run(command, ["--version"], signal);
    const version = /Python (\d+)\.(\d+)\S*/.exec(output);
    if (code !== 0 || !version) continue;
    const [major, minor] = [Number(version[1]), Number(version[2])];
    if (major === OLDEST_PYTHON[0] && minor >= OLDEST_PYTHON[1]) {
      return { command, version: version[0].slice("Python ".length) };
    }
    found.push(`${command} is ${version[0]}`);
  }
  const what = found.length > 0 ? `, and ${found.join(", ")}` : ", uv or Python";
  throw new JupyterError("NO_JUPYTER", `there is no JupyterLab on PATH${what}`, { hint: REMEDY });
}

async function labVersion(command: string, signal: AbortSignal): Promise<string | undefined> {
  const { code, output } = await run(command, ["--version"], signal);
  return code === 0 ? /^\d+\.\d+\S*/m.exec(output)?.[0] : undefined;
}

async function must(command: string, args: string[], signal: AbortSignal): Promise<void> {
  const { code, output } = await run(command, args, signal);
  if (code === 0) return;
  signal.throwIfAborted();
  const line = [command, ...args].join(" ");
  throw new JupyterError("NO_JUPYTER", `JupyterLab could not be made: ${line} failed`, {
    hint: `${output.trim().slice(-2000)}\n\n${REMEDY}`,
  });
}

/** Runs a command to its end; a missing command has the code 127, as in a shell. */
function run(
  command: string,
  args: string[],
  signal: AbortSignal,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], signal });
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
