import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const cli = resolve(import.meta.dirname, "../../src/cli.ts");
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "notelake-lab-cli-"));
});
afterEach(() => rm(folder, { recursive: true }));

interface Run {
  readonly child: ChildProcess;
  output(): string;
  readonly exit: Promise<number | null>;
}

function notelake(args: string[], path: string): Run {
  const flags = ["--conditions=notelake-source", "--disable-warning=ExperimentalWarning"];
  const child = spawn(process.execPath, [...flags, cli, ...args], {
    cwd: folder,
    env: { ...process.env, PATH: path },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  }
  const exit = once(child, "close").then(([code]) => code as number | null);
  return { child, output: () => output, exit };
}

/** An executable on a PATH of its own. */
async function program(name: string, script: string): Promise<void> {
  await mkdir(join(folder, "bin"), { recursive: true });
  const file = join(folder, "bin", name);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
}

describe("without a JupyterLab", () => {
  test("and without Python, the remedy is named and nothing is left running", async () => {
    const run = notelake(["lab", "--no-browser"], join(folder, "bin"));
    expect(await run.exit).toBe(1);
    expect(run.output()).toContain(
      "JupyterError [NO_JUPYTER]: there is no JupyterLab on PATH, uv or Python",
    );
    expect(run.output()).toContain("Install Python 3.10 or later");
    expect(await readdir(join(folder, ".jupyter"))).toEqual([]);
  });

  test("and with a Python that is too old, it is named", async () => {
    await program("python3", "echo Python 3.8.18");
    const run = notelake(["lab", "--no-browser"], join(folder, "bin"));
    expect(await run.exit).toBe(1);
    expect(run.output()).toContain("there is no JupyterLab on PATH, and python3 is Python 3.8.18");
  });

  test("and with a Python that cannot make one, what it said is shown", async () => {
    await program(
      "python3",
      '[ "$1" = --version ] && echo Python 3.12.1 && exit; echo "ensurepip is not available"; exit 1',
    );
    const run = notelake(["lab", "--no-browser"], join(folder, "bin"));
    expect(await run.exit).toBe(1);
    expect(run.output()).toContain("ensurepip is not available");
    expect(run.output()).toContain("apt install python3 python3-venv");
  });
});

/** Answers as a Jupyter server would, and notes what it was started with. */
const FAKE_LAB = `
[ "$1" = --version ] && echo 4.4.1 && exit
exec "${process.execPath}" -e '
  const { writeFileSync, readFileSync } = require("node:fs");
  const port = process.argv[1].split("=")[1];
  require("node:http").createServer((request, response) => {
    response.writeHead(request.headers.authorization === "token " + process.env.JUPYTER_TOKEN ? 200 : 403).end();
  }).listen(port, "127.0.0.1");
  const mode = require("node:fs").statSync(process.env.NOTELAKE_PRACTICE).mode & 0o777;
  const practice = JSON.parse(readFileSync(process.env.NOTELAKE_PRACTICE, "utf8"));
  writeFileSync("started.json", JSON.stringify({ pid: process.pid, mode, origin: practice.origin, env: process.env }));
' -- "$1"`;

describe("with a JupyterLab on PATH", () => {
  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s stops it all", async (signal) => {
    await program("jupyter-lab", FAKE_LAB);
    await mkdir(join(folder, "notebooks"));
    const run = notelake(["lab", "--no-browser"], `${join(folder, "bin")}:/usr/bin:/bin`);
    await expect.poll(run.output).toContain("Ctrl-C stops both.");
    expect(run.output()).toContain("Using JupyterLab 4.4.1 from your PATH.");
    const started = JSON.parse(await readFile(join(folder, "notebooks", "started.json"), "utf8"));
    const { mode, env, pid } = started;
    expect(mode).toBe(0o600);
    const inside = [
      "JUPYTER_PATH",
      "JUPYTER_CONFIG_DIR",
      "JUPYTER_DATA_DIR",
      "JUPYTER_RUNTIME_DIR",
    ];
    for (const name of inside) expect(env[name]).toContain(join(folder, ".jupyter"));
    expect(run.output()).toMatch(/http:\/\/127\.0\.0\.1:\d+\/lab\?token=[\da-f]{48}/);
    expect(run.output()).not.toContain(join(folder, ".jupyter", "practice"));
    const config = join(folder, ".jupyter/config");
    const settings = await readFile(join(config, "jupyter_server_config.json"), "utf8");
    expect(JSON.parse(settings).LabApp.custom_css).toBe(true);
    const style = await readFile(join(config, "custom/custom.css"), "utf8");
    expect(style).toContain("word-break: normal");
    const spec = join(folder, ".jupyter/share/kernels/notelake/kernel.json");
    expect(JSON.parse(await readFile(spec, "utf8"))).toMatchObject({
      display_name: "TypeScript (notelake)",
      language: "typescript",
      argv: expect.arrayContaining([process.execPath, "{connection_file}"]),
    });
    run.child.kill(signal);
    expect(await run.exit).toBe(0);
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    await expect(stat(env.NOTELAKE_PRACTICE)).rejects.toThrow("ENOENT");
    await expect(fetch(started.origin)).rejects.toThrow();
  });

  test("opens copies of the tutorials, and leaves those that are there as they are", async () => {
    await program("jupyter-lab", FAKE_LAB);
    await mkdir(join(folder, "tutorials"));
    const changed = join(folder, "tutorials", "01-user-sign-in.ipynb");
    await writeFile(changed, "mine");
    const run = notelake(
      ["lab", "--no-browser", "--tutorials"],
      `${join(folder, "bin")}:/usr/bin:/bin`,
    );
    await expect.poll(run.output).toContain("Ctrl-C stops both.");
    expect(run.output()).toContain("your copies in tutorials/; delete one to have it anew");
    expect(run.output()).toContain("/lab/tree/00-start-here.ipynb?token=");
    expect(existsSync(join(folder, "tutorials", "started.json"))).toBe(true);
    const first = "00-start-here.ipynb";
    const original = resolve(import.meta.dirname, "../../notebooks", first);
    expect(await readFile(join(folder, "tutorials", first))).toEqual(await readFile(original));
    expect(await readFile(changed, "utf8")).toBe("mine");
    run.child.kill("SIGINT");
    expect(await run.exit).toBe(0);
  });

  test("a killed npm stops it all too", async () => {
    await program("jupyter-lab", FAKE_LAB);
    const line = `"${process.execPath}" --conditions=notelake-source ${cli} lab --no-browser; true`;
    const path = `${join(folder, "bin")}:/usr/bin:/bin`;
    const env = { ...process.env, PATH: path, npm_lifecycle_event: "start" };
    const shell = spawn("sh", ["-c", line], { cwd: folder, env, stdio: "ignore" });
    const started = join(folder, "started.json");
    await expect.poll(() => existsSync(started)).toBe(true);
    await expect.poll(() => readFileSync(started, "utf8")).toContain("origin");
    const { pid, env: inside } = JSON.parse(await readFile(started, "utf8"));
    shell.kill("SIGKILL");
    await expect.poll(() => isRunning(pid)).toBe(false);
    await expect.poll(() => existsSync(inside.NOTELAKE_PRACTICE)).toBe(false);
  });

  test("that ends by itself, the command ends too, with exit code 1", async () => {
    await program("jupyter-lab", FAKE_LAB);
    const run = notelake(["lab", "--no-browser"], `${join(folder, "bin")}:/usr/bin:/bin`);
    await expect.poll(run.output).toContain("Ctrl-C stops both.");
    const { pid } = JSON.parse(await readFile(join(folder, "started.json"), "utf8"));
    process.kill(pid, "SIGKILL");
    expect(await run.exit).toBe(1);
  });

  test("that does not start, what it said is shown", async () => {
    await program(
      "jupyter-lab",
      '[ "$1" = --version ] && echo 4.4.1 && exit; echo "no module named tornado" >&2; exit 1',
    );
    const run = notelake(["lab", "--no-browser"], `${join(folder, "bin")}:/usr/bin:/bin`);
    expect(await run.exit).toBe(1);
    expect(run.output()).toContain("JupyterError [JUPYTER_FAILED]: JupyterLab did not start");
    expect(run.output()).toContain("no module named tornado");
  });

  test("whose port is taken while it starts gets the next one", async () => {
    await program(
      "jupyter-lab",
      `case "$1" in --version) ;; *) [ -e tried ] || { echo "$1" >tried; echo "ERROR: the Jupyter server could not be started because port 8888 is not available." >&2; exit 1; } ;; esac\n${FAKE_LAB}`,
    );
    const run = notelake(["lab", "--no-browser"], `${join(folder, "bin")}:/usr/bin:/bin`);
    await expect.poll(run.output).toContain("Ctrl-C stops both.");
    const port = (text: string) => Number(/(?:port=|127\.0\.0\.1:)(\d+)/.exec(text)?.[1]);
    const tried = port(await readFile(join(folder, "tried"), "utf8"));
    expect(port(/JupyterLab: .*/.exec(run.output())?.[0] ?? "")).toBeGreaterThan(tried);
    const { pid } = JSON.parse(await readFile(join(folder, "started.json"), "utf8"));
    process.kill(pid, "SIGKILL");
    await run.exit;
  });

  test("an older one is passed over", async () => {
    await program("jupyter-lab", "echo 3.6.8");
    const run = notelake(["lab", "--no-browser"], join(folder, "bin"));
    expect(await run.exit).toBe(1);
    expect(run.output()).toContain("there is no JupyterLab on PATH");
  });
});

test("a kernel whose owner is killed ends by itself", async () => {
  const code = `
    import { KernelClient } from ${JSON.stringify(resolve(import.meta.dirname, "../../src/runner/kernel-client.ts"))};
    const client = await KernelClient.start({ cwd: ".", env: process.env, limit: 30000 });
    process.stdout.write(String(client.kernel.pid));
    setInterval(() => {}, 1000);`;
  const flags = ["--conditions=notelake-source", "--input-type=module", "--eval", code];
  const owner = spawn(process.execPath, flags, { stdio: ["ignore", "pipe", "inherit"] });
  const [pid] = await once(owner.stdout.setEncoding("utf8"), "data");
  owner.kill("SIGKILL");
  await expect.poll(() => isRunning(Number(pid)), { timeout: 10_000 }).toBe(false);
});

/** Whether a process runs; one that has ended but was not reaped does not. */
function isRunning(pid: number): boolean {
  try {
    return !execFileSync("ps", ["-o", "stat=", "-p", String(pid)])
      .toString()
      .startsWith("Z");
  } catch {
    return false;
  }
}
