import { createHash } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makePythonEnvironment, runProgram } from "../core/python.ts";
import { JupyterError } from "./jupyter-error.ts";

/** Exact versions that are tested, for all supported versions of Python. */
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
  /** Folder in which to create one, such as `.jupyter`. */
  readonly folder: string;
  /** Called with progress messages. */
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * The `jupyter-lab` to run: the one on PATH, else one in `folder`, installed with uv or with
 * Python's venv and pip at the first start.
 *
 * @throws JupyterError `NO_JUPYTER` when it cannot be installed
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
  const requested = createHash("sha256")
    .update(await readFile(REQUIREMENTS))
    .digest("hex");
  const made = await readFile(stamp, "utf8").catch(() => "");
  if (made === requested && (await labVersion(lab, signal))) return lab;
  say("No JupyterLab on your PATH: making one in .jupyter/ (once, about a minute).");
  await rm(venv, { recursive: true, force: true });
  await makePythonEnvironment({
    venv,
    python: join(bin, "python"),
    install: ["-r", REQUIREMENTS],
    what: "JupyterLab",
    oldest: OLDEST_PYTHON,
    say,
    signal,
    noPython: (versions) => {
      const what = versions.length > 0 ? `, and ${versions.join(", ")}` : ", uv or Python";
      const message = `there is no JupyterLab on PATH${what}`;
      return new JupyterError("NO_JUPYTER", message, { hint: REMEDY });
    },
    failed: (command, output) =>
      new JupyterError("NO_JUPYTER", `JupyterLab could not be made: ${command} failed`, {
        hint: `${output.trim().slice(-2000)}\n\n${REMEDY}`,
      }),
  });
  await writeFile(stamp, requested);
  return lab;
}

async function labVersion(command: string, signal: AbortSignal): Promise<string | undefined> {
  const { code, output } = await runProgram(command, ["--version"], signal);
  return code === 0 ? /^\d+\.\d+\S*/m.exec(output)?.[0] : undefined;
}
