// Our kernel beside those that a user would pick instead, in turns, in one run:
//   node --conditions=notelake-source test/bench/kernel.bench.ts [ROUNDS]
// Contenders that are not part of this checkout are named in the environment; what is not named
// is left out:
//   DENO=path/to/deno              Deno's kernel (the npm package `deno`); it checks no types
//   PYTHON=path/to/python          a Python that has ipykernel
//   BEFORE=path/to/checkout        notelake as of another commit, with its node_modules
//   INSTALLED=path/to/folder       a folder in which the packed notelake is installed
//   ONLY=start,growth,notebooks    what to measure; all of it by default
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { kernelCommand } from "../../src/kernel/kernelspec.ts";
import { KernelClient } from "../../src/runner/kernel-client.ts";

/** A kernel to measure, and how the same cells are written in its language. */
interface Contender {
  readonly command: readonly string[];
  readonly cwd: string;
  /** Whether its cells can import notelake. */
  readonly notelake: boolean;
  /** A cell that declares the n-th name and answers a value. */
  readonly small: (n: number) => string;
}

/** Milliseconds, or MiB where the name says so. */
type Figures = Record<string, number>;

const root = resolve(import.meta.dirname, "../..");
const rounds = Number(process.argv[2] ?? 5);
const parts = new Set((process.env.ONLY ?? "start,growth,notebooks").split(","));
const typescript = (n: number) => `const small${n} = ${n}; small${n} + 1`;
const LIMIT_MS = 120_000;
const GROWTH_CELLS = 1000;

const contenders: Record<string, Contender> = {
  ours: { command: kernelCommand(), cwd: root, notelake: true, small: typescript },
};
const { DENO, PYTHON, BEFORE, INSTALLED } = process.env;
if (INSTALLED) {
  contenders.installed = {
    command: launcherOf(join(INSTALLED, "node_modules/notelake/dist/kernel/launcher.js"), []),
    cwd: resolve(INSTALLED),
    notelake: true,
    small: typescript,
  };
}
if (BEFORE) {
  const flags = ["--conditions=notelake-source"];
  contenders.before = {
    command: launcherOf(join(BEFORE, "src/kernel/launcher.ts"), flags),
    cwd: resolve(BEFORE),
    notelake: true,
    small: typescript,
  };
}
if (DENO) {
  contenders.deno = {
    command: [resolve(DENO), "jupyter", "--kernel", "--conn"],
    cwd: tmpdir(),
    notelake: false,
    small: typescript,
  };
}
if (PYTHON) {
  contenders.ipykernel = {
    command: [resolve(PYTHON), "-m", "ipykernel_launcher", "-f"],
    cwd: tmpdir(),
    notelake: false,
    small: (n) => `small${n} = ${n}; small${n} + 1`,
  };
}

function launcherOf(file: string, flags: readonly string[]): string[] {
  return [process.execPath, ...flags, "--disable-warning=ExperimentalWarning", resolve(file)];
}

/** Starts a kernel in an environment of its own, and ends it and all it started. */
async function withKernel<T>(
  { command, cwd }: Contender,
  work: (run: (code: string) => Promise<number>, pid: number) => Promise<T>,
): Promise<T> {
  const env = { ...process.env, NOTELAKE_HEADLESS: "1" };
  const client = await KernelClient.start({ cwd, env, limit: LIMIT_MS, command });
  const run = async (code: string) => {
    const begun = performance.now();
    const request = { code, silent: false, stop_on_error: true };
    const reply = await client.request("execute_request", request, { limit: LIMIT_MS });
    if (reply.status !== "ok") throw new Error(`${command.at(-1)}: ${JSON.stringify(reply)}`);
    return performance.now() - begun;
  };
  try {
    return await work(run, client.kernel.pid);
  } finally {
    await client.shutdown();
  }
}

async function measureStart(contender: Contender): Promise<Figures> {
  const figures: Figures = {};
  const start = performance.now();
  await withKernel(contender, async (run, pid) => {
    await run("1 + 1");
    figures["start to first result"] = performance.now() - start;
    const small: number[] = [];
    for (let n = 0; n < 20; n++) small.push(await run(contender.small(n)));
    figures["small cell"] = median(small);
    figures["memory after that, MiB"] = memoryOfTree(pid);
    if (!contender.notelake) return;
    figures["first cell that imports notelake"] = await run(
      'import { connect, openLake } from "notelake";\nawait connect();',
    );
    figures["memory after that import, MiB"] = memoryOfTree(pid);
  });
  return figures;
}

async function measureImport(contender: Contender): Promise<Figures> {
  if (!contender.notelake) return {};
  return withKernel(contender, async (run) => {
    const first = await run('import { openLake } from "notelake";\ntypeof openLake');
    return { "import of notelake as the very first cell": first };
  });
}

async function measureGrowth(contender: Contender): Promise<Figures> {
  return withKernel(contender, async (run, pid) => {
    const times: number[] = [];
    let memory = 0;
    for (let n = 0; n < GROWTH_CELLS; n++) {
      try {
        times.push(await run(contender.small(n)));
      } catch {
        return { "died in cell": n + 1 };
      }
      if (n === 9) memory = memoryOfTree(pid);
    }
    return {
      "cells 5 to 25, median": median(times.slice(5, 25)),
      "cells 980 to 1000, median": median(times.slice(-20)),
      "memory gained from cell 10 to 1000, MiB": memoryOfTree(pid) - memory,
    };
  });
}

/** The notebooks of a checkout, two at a time: wall and processor time in milliseconds. */
async function measureNotebooks(checkout: string): Promise<Figures> {
  const notebooks = readdirSync(join(checkout, "notebooks"))
    .filter((name) => /^0\d-.*\.ipynb$/.test(name))
    .map((name) => join("notebooks", name));
  const folder = await mkdtemp(join(tmpdir(), "notelake-bench-"));
  const cli = ["src/cli/index.ts", "src/cli.ts"].find((file) => existsSync(join(checkout, file)));
  const command = `time -p "$0" "$@" >"${join(folder, "out")}"`;
  const begun = performance.now();
  const child = spawn(
    "bash",
    ["-c", command, process.execPath, "--conditions=notelake-source", cli ?? "", "run"].concat(
      notebooks,
      ["--parallel", "2"],
    ),
    { cwd: checkout, stdio: ["ignore", "inherit", "pipe"] },
  );
  let printed = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    printed += text;
  });
  const code = await new Promise((done) => child.once("close", done));
  if (code !== 0) throw new Error(`${readFileSync(join(folder, "out"), "utf8")}\n${printed}`);
  await rm(folder, { recursive: true });
  const seconds = (name: string) =>
    Number(new RegExp(`^${name} ([\\d.]+)`, "m").exec(printed)?.[1] ?? Number.NaN);
  return {
    "ten notebooks, wall": performance.now() - begun,
    "ten notebooks, processor": (seconds("user") + seconds("sys")) * 1000,
  };
}

/** MiB that a process and all its descendants have in memory; shared pages count once each. */
function memoryOfTree(pid: number): number {
  const [, kib = "0"] =
    /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")) ?? [];
  const children = readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" "))
    .filter(Boolean);
  return children.reduce((sum, child) => sum + memoryOfTree(Number(child)), Number(kib) / 1024);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Takes turns, so that what else the machine does hits all alike, and prints the medians. */
async function compare(
  names: readonly string[],
  times: number,
  measure: (name: string, contender: Contender) => Promise<Figures>,
): Promise<void> {
  const runs = new Map<string, Figures[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= times; round++) {
    for (const name of names) {
      const contender = contenders[name];
      if (!contender) continue;
      const figures = await measure(name, contender);
      // The first round fills the caches of the disk and of compiled code.
      if (round > 0 || times === 0) runs.get(name)?.push(figures);
    }
  }
  const row = (...cells: string[]) =>
    process.stdout.write(
      `${cells.map((cell, i) => (i ? cell.padStart(18) : cell.padEnd(44))).join("")}\n`,
    );
  row(`median of ${Math.max(times, 1)}, ms (of ours)`, ...names);
  for (const what of new Set([...runs.values()].flat().flatMap(Object.keys))) {
    const medians = names.map((name) =>
      median((runs.get(name) ?? []).map((figures) => figures[what] ?? Number.NaN)),
    );
    const [ours = Number.NaN] = medians;
    row(
      what,
      ...medians.map((value) =>
        Number.isNaN(value)
          ? "-"
          : `${value.toFixed(value < 100 ? 1 : 0)} (${(value / ours).toFixed(2)}x)`,
      ),
    );
  }
}

const names = Object.keys(contenders);
if (parts.has("start")) {
  await compare(names, rounds, async (_, contender) => ({
    ...(await measureStart(contender)),
    ...(await measureImport(contender)),
  }));
}
if (parts.has("growth")) await compare(names, 0, (_, contender) => measureGrowth(contender));
if (parts.has("notebooks")) {
  const checkouts = names.filter((name) => name === "ours" || name === "before");
  await compare(checkouts, 1, (_, { cwd }) => measureNotebooks(cwd));
}
