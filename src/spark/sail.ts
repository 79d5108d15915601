import { type ChildProcess, spawn } from "node:child_process";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { SparkError } from "../core/errors.ts";
import { type FileLock, tryLockFile } from "../core/file-lock.ts";
import { makePythonEnvironment, runProgram } from "../core/python.ts";

const VERSION = "0.7.2";
const DOWNLOAD_MB = 63;
const DISK_MB = 195;
const OLDEST_PYTHON = [3, 9] as const;
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 5_000;
const LOCK_PAUSE_MS = 200;
const REMEDY = [
  "Install Python 3.9 or later with its venv (Debian and Ubuntu: apt install python3 python3-venv),",
  "or uv (https://docs.astral.sh/uv/), and run this again. A Spark of your own needs none of it:",
  'connectSpark({ url: "sc://HOST:PORT" }).',
].join("\n");

interface InstallOptions {
  /** Called with progress messages. */
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Path of the Python with Sail, in `folder/venv`. Installed at the first call, after a message
 * about the size of the download. Of several processes, one installs it and the others wait.
 *
 * @throws SparkError `NO_PYTHON`, `NO_SAIL`
 */
export async function installSail(
  folder: string,
  { say, signal }: InstallOptions,
): Promise<string> {
  const venv = join(folder, "venv");
  const bin = join(venv, process.platform === "win32" ? "Scripts" : "bin");
  const python = join(bin, "python");
  const stamp = join(venv, "notelake-sail");
  const isThere = async () =>
    (await readFile(stamp, "utf8").catch(() => "")) === VERSION &&
    // A venv breaks when the Python that created it is removed.
    (await runProgram(python, ["--version"], signal)).code === 0;
  if (await isThere()) return python;
  const lock = await lockInstall(folder, { say, signal });
  try {
    // Another process has installed it meanwhile.
    if (await isThere()) return python;
    await makeVenv(venv, python, { say, signal });
    await writeFile(stamp, VERSION);
    return python;
  } finally {
    lock.close();
  }
}

/** Waits until no other process is installing the engine in the folder. */
async function lockInstall(folder: string, { say, signal }: InstallOptions): Promise<FileLock> {
  for (let tries = 0; ; tries++) {
    const lock = tryLock(folder);
    if (lock) return lock;
    if (tries === 0) say(`Another program brings Sail into ${folder}: waiting for it.`);
    await sleep(LOCK_PAUSE_MS, undefined, { signal });
  }
}

function tryLock(folder: string): FileLock | undefined {
  try {
    return tryLockFile(join(folder, "install.lock"), "rwc");
  } catch (error) {
    throw new SparkError("NO_SAIL", `nothing can be written to ${folder}: ${String(error)}`, {
      hint: "Sail is brought there once. Make the folder writable, or start from another one.",
    });
  }
}

async function makeVenv(
  venv: string,
  python: string,
  { say, signal }: InstallOptions,
): Promise<void> {
  say(
    `Sail ${VERSION}, the engine, comes from PyPI into ${dirname(venv)}: a download of ${DOWNLOAD_MB} MB, ${DISK_MB} MB on disk.`,
  );
  await rm(venv, { recursive: true, force: true });
  const stopTelling = reportGrowth(venv, say);
  try {
    await makePythonEnvironment({
      venv,
      python,
      install: [`pysail==${VERSION}`],
      what: `pysail ${VERSION}`,
      oldest: OLDEST_PYTHON,
      say,
      signal,
      noPython: (reported) =>
        new SparkError(
          "NO_PYTHON",
          `there is no Python 3.9 or later on PATH, nor uv${reported.length > 0 ? `: ${reported.join(", ")}` : ""}`,
          { hint: REMEDY },
        ),
      failed: (command, output) =>
        new SparkError("NO_SAIL", `Sail could not be installed: ${command} failed`, {
          hint: `${output.trim().slice(-2000)}\n\n${REMEDY}`,
        }),
    });
  } catch (error) {
    await rm(venv, { recursive: true, force: true });
    throw error;
  } finally {
    stopTelling();
  }
}

/** Reports regularly how much of the environment is installed. */
function reportGrowth(folder: string, say: (text: string) => void): () => void {
  let last = 0;
  const timer = setInterval(async () => {
    const megabytes = Math.round((await bytesIn(folder)) / 1e6);
    if (megabytes > last) say(`  ${megabytes} of ${DISK_MB} MB`);
    last = Math.max(last, megabytes);
  }, 3_000);
  timer.unref();
  return () => clearInterval(timer);
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) =>
      stat(join(parentPath, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** A running Sail server. */
export interface Sail {
  readonly port: number;
  readonly pid: number;
  /** Resolves to its last output when it has ended for any reason. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

// It exits when its stdin closes, which happens however the parent process ends.
const SERVER = `
import os, sys, threading
from pysail.spark import SparkConnectServer
def watch():
    sys.stdin.buffer.read()
    os._exit(0)
threading.Thread(target=watch, daemon=True).start()
server = SparkConnectServer("127.0.0.1", int(sys.argv[1]))
server.start(background=True)
print("listening", server.listening_address[1], flush=True)
threading.Event().wait()
`;

/**
 * Starts Sail on 127.0.0.1.
 *
 * @param python path returned by `installSail`
 * @param port 0 for any free one
 * @throws SparkError `NO_SAIL` when it does not start
 */
export async function startSail(
  python: string,
  port: number,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Sail> {
  const child = spawn(python, ["-c", SERVER, String(port)], {
    env,
    // A process group of its own: Ctrl-C reaches only this process, which then ends the engine.
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  let lastWords = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    lastWords = (lastWords + text).slice(-4000);
  });
  const ended = new Promise<string>((resolve) => {
    child.once("error", ({ message }) => resolve(message));
    child.once("close", () => resolve(lastWords.trim()));
  });
  const stop = () => stopChild(child, ended);
  try {
    const bound = await firstPort(child, ended, signal);
    return { port: bound, pid: Number(child.pid), ended, stop };
  } catch (error) {
    await stop();
    signal.throwIfAborted();
    throw error;
  }
}

async function firstPort(
  child: ChildProcess,
  ended: Promise<string>,
  signal: AbortSignal,
): Promise<number> {
  const failed = (why: string) =>
    new SparkError("NO_SAIL", "Sail did not start", { hint: why || "It printed nothing." });
  const listening = new Promise<number>((resolve) => {
    if (!child.stdout) return;
    createInterface({ input: child.stdout }).on("line", (line) => {
      const [, port] = /^listening (\d+)$/.exec(line) ?? [];
      if (port) resolve(Number(port));
    });
  });
  const limit = AbortSignal.any([signal, AbortSignal.timeout(START_LIMIT_MS)]);
  const late = new Promise<never>((_, reject) => {
    limit.addEventListener("abort", () => reject(failed(`no answer in ${START_LIMIT_MS} ms`)), {
      once: true,
    });
  });
  return Promise.race([
    listening,
    late,
    ended.then((why) => {
      throw failed(why);
    }),
  ]);
}

async function stopChild(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.stdin?.end();
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
  await ended;
  clearTimeout(timer);
}
