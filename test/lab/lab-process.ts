import { spawn } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A JupyterLab that `npm start` runs on a copy of a folder of notebooks. */
export interface LabProcess {
  /** Address with token, as a person would open it. */
  readonly url: URL;
  /** The copy that it works on. */
  readonly notebooks: string;
  /** Everything that was printed. */
  output(): string;
  /** Ctrl-C; resolves when all is gone. */
  stop(): Promise<void>;
}

const START_LIMIT_MS = 300_000;

/** Runs `npm start` and waits until it says where JupyterLab is. */
export async function startLabProcess(notebooks: string): Promise<LabProcess> {
  // JupyterLab saves what it runs: so it gets a copy.
  const dir = await mkdtemp(join(tmpdir(), "notelake-lab-test-"));
  await cp(notebooks, dir, { recursive: true });
  const child = spawn("npm", ["start", "--", "--no-browser", "--dir", dir], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    env: { ...process.env, BROWSER: join(import.meta.dirname, "open-page") },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  }
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async () => {
    // A terminal sends SIGINT to the whole group of processes.
    if (child.pid && child.exitCode === null) process.kill(-child.pid, "SIGINT");
    await gone;
    await rm(dir, { recursive: true, force: true });
  };
  const deadline = performance.now() + START_LIMIT_MS;
  for (;;) {
    const address = /JupyterLab:\s+(\S+)/.exec(output)?.[1];
    if (address) return { url: new URL(address), notebooks: dir, output: () => output, stop };
    if (child.exitCode !== null || performance.now() > deadline) {
      await stop();
      throw new Error(`npm start did not come up:\n${output}`);
    }
    await sleep(100);
  }
}
