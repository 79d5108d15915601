import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterEach, expect, test } from "vitest";
import type { KernelClient } from "../../src/runner/kernel-client.ts";
import { KernelPool } from "../../src/runner/kernel-pool.ts";

const limit = 60_000;
const start = (cwd = import.meta.dirname) => ({ cwd, env: process.env, limit });
const pool = new KernelPool();
afterEach(() => pool.close());

async function evaluate(client: KernelClient, code: string): Promise<unknown> {
  const expressions = { value: code };
  const request = { code: "", silent: true, user_expressions: expressions };
  const reply = await client.request("execute_request", request, { limit });
  return (reply.user_expressions as { value: { data: Record<string, unknown> } }).value.data[
    "text/plain"
  ];
}

test("a spare kernel is handed out once, to who asks for one like it", async () => {
  pool.prepare(start());
  pool.prepare(start()); // one at most
  const other = await pool.take(start("/"));
  const first = await pool.take(start());
  const second = await pool.take(start());
  expect(await evaluate(other, "process.cwd()")).toBe("/");
  expect(await evaluate(first, "process.cwd()")).toBe(import.meta.dirname);
  expect(new Set([other, first, second].map(({ kernel }) => kernel.pid)).size).toBe(3);
  await Promise.all([other, first, second].map((client) => client.close()));
});

test("one that was killed while it waited is started anew", async () => {
  pool.prepare(start());
  // Who kills it finds it as a child of this process.
  const spare = await childKernel();
  process.kill(spare, "SIGKILL");
  await sleep(500); // for the end to be noticed
  const taken = await pool.take(start());
  expect(taken.kernel.pid).not.toBe(spare);
  expect(await evaluate(taken, "1 + 1")).toBe("2");
  await taken.close();
});

test("closing ends the spare one", async () => {
  pool.prepare(start());
  const spare = await childKernel();
  await pool.close();
  expect(() => process.kill(spare, 0)).toThrow("ESRCH");
});

/** The one kernel that this process has started. */
async function childKernel(): Promise<number> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,args="]);
  const line = stdout.split("\n").find((each) => {
    return each.includes("launcher") && each.trim().split(/\s+/)[1] === String(process.pid);
  });
  if (!line) return sleep(50).then(childKernel);
  return Number(line.trim().split(/\s+/)[0]);
}
