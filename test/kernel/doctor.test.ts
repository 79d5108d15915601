import { expect, test, vi } from "vitest";
import { checkMachine, checkNode } from "../../src/kernel/doctor.ts";

test.each([
  ["22.17.1", "failed"],
  ["22.18.0", "ok"],
  ["24.0.0", "ok"],
  ["20.19.5", "failed"],
])("Node.js %s is %s", (version, state) => {
  expect(checkNode(version).state).toBe(state);
});

test("what this very machine has", async () => {
  const checks = await checkMachine();
  const found = new Map(checks.map((check) => [check.subject, check]));
  expect(found.get("Node.js")).toMatchObject({ state: "ok", finding: process.versions.node });
  expect(found.get("TypeScript kernel")).toMatchObject({ state: "ok" });
  expect(found.get("zeromq")).toMatchObject({ state: "ok" });
  expect(found.get("@duckdb/node-api")).toMatchObject({ state: "ok" });
});

test("with neither JupyterLab nor Python, it says what to install", async () => {
  vi.stubEnv("PATH", "");
  const jupyter = (await checkMachine("nowhere")).find(({ subject }) => subject === "JupyterLab");
  vi.unstubAllEnvs();
  expect(jupyter).toMatchObject({
    state: "warning",
    remedy: expect.stringContaining("Install Python 3.10"),
  });
});
