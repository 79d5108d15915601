import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createWriteStream, existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findJupyterLab } from "./find-jupyter.ts";
import { JupyterError } from "./jupyter-error.ts";
import { prepareJupyterHome } from "./jupyter-home.ts";
import { writeDeclarations } from "./own-declarations.ts";

export interface LabOptions {
  /** Folder of the notebooks. */
  notebooks: string;
  /** Folder for Jupyter's own files, such as `.jupyter`. */
  folder: string;
  /** Variables for the kernels. */
  env: Readonly<Record<string, string>>;
  /** Port to listen on; the first free one from 8888 when absent. */
  port?: number;
  /** Notebook to open first, relative to `notebooks`, if it exists. */
  open?: string;
  /** Called with progress messages. */
  say: (text: string) => void;
  /** Cancels the start. */
  signal: AbortSignal;
}

/** A running JupyterLab. */
export interface Lab {
  /** Address to open, with the access token. */
  readonly url: string;
  /** Resolves when the server has ended for any reason. */
  readonly ended: Promise<void>;
  /** Ends the server and its kernels. */
  stop(): Promise<void>;
}

const FIRST_PORT = 8888;
const START_LIMIT_MS = 60_000;
/** Jupyter gives each kernel a few seconds to shut down. */
const STOP_LIMIT_MS = 8_000;

/**
 * Starts JupyterLab on a folder of notebooks, on 127.0.0.1 only, with this kernel and, if installed
 * there, that of tslab.
 *
 * @throws JupyterError `NO_JUPYTER`, `PORT_TAKEN` or `JUPYTER_FAILED`
 */
export async function startLab(options: LabOptions): Promise<Lab> {
  const { notebooks, folder, say, signal, open } = options;
  const command = await findJupyterLab({ folder, say, signal });
  const first =
    open && existsSync(join(notebooks, open)) ? `/tree/${encodeURIComponent(open)}` : "";
  const defaultUrl = `/lab${first}`;
  const home = await prepareJupyterHome(folder, { notebooks, defaultUrl });
  const env = { ...process.env, ...options.env, ...home.env };
  const declared = home.tslab && writeDeclarations().catch(({ message }) => message);
  for (let from = FIRST_PORT; ; ) {
    const port = await choosePort(options.port, from);
    const started = await launch({ command, port, notebooks, env, runtime: home.runtime, signal });
    if ("url" in started) {
      if (home.tslab) say(`Also offered: the kernel ${home.tslab.displayName}.`);
      const trouble = await declared;
      if (trouble) say(`In it the types of notelake are missing: ${trouble}`);
      return { ...started, url: started.url.replace("/?", `${defaultUrl}?`) };
    }
    // Another process took the port meanwhile.
    const taken = /port \d+ is (already in use|not available)/.test(started.lastWords);
    if (!taken || options.port) {
      throw new JupyterError("JUPYTER_FAILED", "JupyterLab did not start", {
        hint: started.lastWords.trim(),
        cause: started.cause,
      });
    }
    from = port + 1;
  }
}

interface Launch {
  readonly command: string;
  readonly port: number;
  readonly notebooks: string;
  readonly env: NodeJS.ProcessEnv;
  /** Folder for the server's log. */
  readonly runtime: string;
  readonly signal: AbortSignal;
}

/** Starts the server once. Returns its last output if it failed to start. */
async function launch({
  command,
  port,
  notebooks,
  env,
  runtime,
  signal,
}: Launch): Promise<Lab | { lastWords: string; cause: unknown }> {
  const token = randomBytes(24).toString("hex");
  const child = spawn(command, [`--ServerApp.port=${port}`], {
    cwd: notebooks,
    // In the environment: every user of the machine can read command lines.
    env: { ...env, JUPYTER_TOKEN: token },
    // A process group of its own: Ctrl-C reaches only this process, which then ends the server.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const log = createWriteStream(join(runtime, "jupyter.log"));
  let lastWords = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      log.write(text);
      lastWords = (lastWords + text).slice(-3000);
    });
  }
  const ended = new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("exit", () => resolve());
  });
  const stop = () => stopServer(child, ended);
  try {
    await waitUntilUp(`http://127.0.0.1:${port}/api/status`, token, ended, signal);
  } catch (cause) {
    await stop();
    signal.throwIfAborted();
    return { lastWords, cause };
  }
  return { url: `http://127.0.0.1:${port}/?token=${token}`, ended, stop };
}

async function waitUntilUp(
  url: string,
  token: string,
  ended: Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const gone = ended.then(() => {
    throw new Error("it ended at once");
  });
  gone.catch(() => {});
  const deadline = performance.now() + START_LIMIT_MS;
  while (performance.now() < deadline) {
    const headers = { authorization: `token ${token}` };
    const reply = await Promise.race([
      fetch(url, { headers, signal }).catch(() => undefined),
      gone,
    ]);
    if (reply?.ok) return;
    await Promise.race([sleep(100, undefined, { signal }), gone]);
  }
  throw new Error(`no answer within ${START_LIMIT_MS} ms`);
}

async function stopServer(child: ChildProcess, ended: Promise<void>): Promise<void> {
  // At SIGINT, Jupyter would ask for confirmation.
  signalGroup(child, "SIGTERM");
  const limit = new AbortController();
  await Promise.race([ended, sleep(STOP_LIMIT_MS, undefined, limit).catch(() => {})]);
  limit.abort();
  signalGroup(child, "SIGKILL");
  await ended;
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, signal);
  } catch {
    // The group has ended already.
  }
}

/** The requested port, else the first free one of a hundred. */
async function choosePort(requested: number | undefined, from: number): Promise<number> {
  const candidates = requested ? [requested] : Array.from({ length: 100 }, (_, i) => from + i);
  for (const port of candidates) {
    if (await isFree(port)) return port;
  }
  throw new JupyterError("PORT_TAKEN", `port ${candidates.join(", ")} of 127.0.0.1 is taken`, {
    hint: "Say --port with another one.",
  });
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, "127.0.0.1"), "listening");
  } catch {
    return false;
  }
  await once(server.close(), "close");
  return true;
}
