// Our kernel beside stock tslab, in turns, in one run:
//   node --conditions=notelake-source test/bench/kernel.bench.ts [ROUNDS]
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { kernelCommand } from "../../src/kernel/kernelspec.ts";
import { KernelClient } from "../../src/runner/client.ts";

const root = resolve(import.meta.dirname, "../..");
const KERNELS: Readonly<Record<string, readonly string[]>> = {
  ours: kernelCommand(),
  stock: [
    process.execPath,
    resolve(root, "node_modules/tslab/bin/tslab"),
    "kernel",
    "--config-path",
  ],
};
const IMPORTS = 'import { ClientSecretCredential } from "@azure/identity";';
const FRAMES = 'import * as danfo from "danfojs-node";';
const rounds = Number(process.argv[2] ?? 5);

/** Milliseconds by what was measured, MiB of memory at its peak. */
type Figures = Record<string, number>;

async function measure(command: readonly string[]): Promise<Figures> {
  const figures: Figures = {};
  const start = performance.now();
  const env = { ...process.env, NOTELAKE_HEADLESS: "1" };
  const client = await KernelClient.start({ cwd: root, env, limit: 120_000, command });
  const run = async (code: string) => {
    const begun = performance.now();
    const request = { code, silent: false, stop_on_error: true };
    const reply = await client.request("execute_request", request, { limit: 120_000 });
    if (reply.status !== "ok") throw new Error(`${command.at(-1)}: ${JSON.stringify(reply)}`);
    return performance.now() - begun;
  };
  try {
    await run("1 + 1;");
    figures["start to first result"] = performance.now() - start;
    const small: number[] = [];
    for (let i = 0; i < 10; i++) small.push(await run(`const small${i} = ${i}; small${i} + 1;`));
    figures["small cell"] = median(small);
    figures["first import of @azure/identity"] = await run(IMPORTS);
    figures["first import of danfojs-node"] = await run(FRAMES);
    const later: number[] = [];
    for (let i = 0; i < 5; i++)
      later.push(await run(`const frame${i} = new danfo.DataFrame([[${i}]]);`));
    figures["cell that uses Danfo"] = median(later);
    const status = await readFile(`/proc/${client.kernel.child.pid}/status`, "utf8");
    figures["peak memory, MiB"] = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
  } finally {
    await client.shutdown();
  }
  return figures;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const runs: Record<string, Figures[]> = { ours: [], stock: [] };
for (let round = 0; round <= rounds; round++) {
  for (const [name, command] of Object.entries(KERNELS)) {
    const figures = await measure(command);
    // The first round fills the disk's and the compiler's caches.
    if (round > 0) runs[name]?.push(figures);
  }
}
const [first = {}] = runs.ours ?? [];
const row = (...cells: string[]) =>
  process.stdout.write(
    `${cells.map((cell, i) => (i ? cell.padStart(10) : cell.padEnd(34))).join("")}\n`,
  );
row(`median of ${rounds}, ms`, "ours", "stock", "ratio");
for (const what of Object.keys(first)) {
  const [ours = 0, stock = 0] = ["ours", "stock"].map((name) =>
    median((runs[name] ?? []).map((figures) => figures[what] ?? Number.NaN)),
  );
  row(what, ours.toFixed(0), stock.toFixed(0), `${(stock / ours).toFixed(1)}x`);
}
