import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { KernelClient } from "../../src/runner/kernel-client.ts";

let temporary: string;
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), "notelake-leftovers-"));
});
afterEach(() => rm(temporary, { recursive: true, force: true }));

const start = () => {
  const env = { ...process.env, TMPDIR: temporary };
  return KernelClient.start({ cwd: import.meta.dirname, env, limit: 60_000 });
};

/** Ends a kernel while its compiler loads notelake's types; answers what it printed. */
async function endWhileChecking(signal: NodeJS.Signals): Promise<string> {
  const client = await start();
  await client.request("execute_request", { code: "1" }, { limit: 60_000 });
  const request = client
    .request("execute_request", { code: 'import { query } from "notelake";' })
    .catch(() => {});
  await sleep(100);
  process.kill(client.kernel.pid, signal);
  await client.kernel.exited;
  await request;
  await client.close();
  return client.kernel.log();
}

test("a kernel that is ended while its compiler works prints nothing and leaves nothing", async () => {
  expect(await endWhileChecking("SIGTERM")).toBe("");
  expect(await readdir(temporary)).toEqual([]);
});

test("what a killed kernel leaves is removed by the next one", async () => {
  await endWhileChecking("SIGKILL");
  expect(await readdir(temporary)).not.toEqual([]);
  const next = await start();
  await next.request("execute_request", { code: "1" }, { limit: 60_000 });
  await next.shutdown();
  expect(await readdir(temporary)).toEqual([]);
});
