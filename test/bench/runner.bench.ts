// How long headless notebooks take, beside other runners with the same kernel, in turns, in one run:
//   node --conditions=notelake-source test/bench/runner.bench.ts [ROUNDS]
// What is not named in the environment is left out:
//   PYTHON=path/to/python    a Python that has nbclient, nbmake and pytest-xdist
//   ONLY=spare,suite         what to measure; all of it by default
import { spawn } from "node:child_process";
import { cpSync, globSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { writeKernelspec } from "../../src/kernel/kernelspec.ts";
import { KernelPool } from "../../src/runner/kernel-pool.ts";

const root = resolve(import.meta.dirname, "../..");
const rounds = Number(process.argv[2] ?? 3);
const parts = (process.env.ONLY ?? "spare,suite").split(",");
const LIMIT_MS = 120_000;

if (parts.includes("spare")) {
  // Some machines take the memory of what idles away, which then costs the next one who needs it.
  for (const waits of [false, true]) {
    const wall: number[] = [];
    const processor: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const spent = await measureSpare(waits);
      wall.push(spent.wall);
      processor.push(spent.processor);
    }
    const what = `a spare kernel that ${waits ? "has waited" : "is just ready"} answers its first cell`;
    print(`${what}: wall`, wall);
    print(`${what}: processor`, processor);
  }
}
if (parts.includes("suite")) await measureSuite();

/** From a spare kernel to the reply of its first cell, in milliseconds. */
async function measureSpare(waits: boolean): Promise<{ wall: number; processor: number }> {
  const pool = new KernelPool();
  const start = { cwd: root, env: { ...process.env, NOTELAKE_HEADLESS: "1" }, limit: LIMIT_MS };
  pool.prepare(start);
  if (waits) await untilIdle();
  // It answers with one that is ready.
  const client = await pool.take(start);
  const before = childrenSpent();
  const begun = performance.now();
  await client.request(
    "execute_request",
    { code: "const a: number = 1; a + 1" },
    { limit: LIMIT_MS },
  );
  const wall = performance.now() - begun;
  const processor = childrenSpent() - before;
  await client.close();
  return { wall, processor };
}

/** Until what this process has started has done nothing for a second. */
async function untilIdle(): Promise<void> {
  for (let last = -1; ; await sleep(1000)) {
    const spent = childrenSpent();
    if (spent > 0 && spent === last) return;
    last = spent;
  }
}

/** Processor milliseconds of all that this process has started and that runs, in steps of ten; on Linux. */
function childrenSpent(pid = process.pid): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  return children
    .filter((child) => child !== "")
    .map((child) => {
      const stat = readFileSync(`/proc/${child}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return (Number(fields[11]) + Number(fields[12])) * 10 + childrenSpent(Number(child));
    })
    .reduce((sum, each) => sum + each, 0);
}

/** The kit's notebooks but the one that downloads a cluster: wall and processor time of each runner. */
async function measureSuite(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "notelake-bench-"));
  const notebooks = join(folder, "notebooks");
  cpSync(join(root, "notebooks"), notebooks, { recursive: true });
  await writeKernelspec(join(folder, "jupyter"));
  const all = globSync("*.ipynb", { cwd: notebooks }).sort();
  const files = all.filter((file) => !file.includes("spark"));
  const cli = [process.execPath, "--conditions=notelake-source", join(root, "src/cli.ts")];
  const runners: Record<string, readonly (readonly string[])[]> = {
    "notelake run": [[...cli, "run", ...files]],
  };
  const { PYTHON } = process.env;
  if (PYTHON) {
    const bin = dirname(PYTHON);
    runners["jupyter execute, one after another"] = files.map((file) => [
      join(bin, "jupyter-execute"),
      file,
    ]);
    runners["nbmake with xdist -n 2"] = [
      [join(bin, "pytest"), "--nbmake", "-n", "2", "-q", ...files],
    ];
  }
  const figures = new Map(
    Object.keys(runners).map((name) => [name, { wall: [] as number[], processor: [] as number[] }]),
  );
  for (let round = 0; round < rounds; round++) {
    for (const [name, commands] of Object.entries(runners)) {
      const begun = performance.now();
      const spent = await runAll(commands, notebooks, folder);
      figures.get(name)?.wall.push(performance.now() - begun);
      figures.get(name)?.processor.push(spent);
    }
  }
  for (const [name, { wall, processor }] of figures) {
    print(`${name}: wall`, wall);
    print(`${name}: processor`, processor);
  }
  await rm(folder, { recursive: true });
}

/** Runs commands one after another; answers their processor time in milliseconds. */
async function runAll(
  commands: readonly (readonly string[])[],
  cwd: string,
  folder: string,
): Promise<number> {
  let spent = 0;
  for (const command of commands) {
    const env = { ...process.env, JUPYTER_PATH: join(folder, "jupyter"), NOTELAKE_HEADLESS: "1" };
    const line = ["-c", 'time -p "$0" "$@" >out.log 2>&1', ...command];
    const child = spawn("bash", line, { cwd, env, stdio: ["ignore", "ignore", "pipe"] });
    let printed = "";
    child.stderr.setEncoding("utf8").on("data", (text) => {
      printed += text;
    });
    const code = await new Promise((done) => child.once("close", done));
    if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}: see ${cwd}/out.log`);
    const seconds = (name: string) =>
      Number(new RegExp(`^${name} ([\\d.]+)`, "m").exec(printed)?.[1]);
    spent += (seconds("user") + seconds("sys")) * 1000;
  }
  return spent;
}

function print(name: string, times: readonly number[]): void {
  const sorted = times.toSorted((a, b) => a - b);
  const shown = sorted.map((each) => each.toFixed(0)).join(", ");
  console.log(
    `${name}: median ${sorted[Math.floor(sorted.length / 2)]?.toFixed(0)} ms of ${shown}`,
  );
}
