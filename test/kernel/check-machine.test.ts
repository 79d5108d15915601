import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { checkMachine, checkNode } from "../../src/kernel/check-machine.ts";
import { installKernel } from "../../src/kernel/installed-kernels.ts";

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

test("inside a JupyterLab that is not on PATH, it does not say that there is none", async () => {
  vi.stubEnv("PATH", "");
  vi.stubEnv("JPY_PARENT_PID", "1");
  const jupyter = (await checkMachine("nowhere")).find(({ subject }) => subject === "JupyterLab");
  vi.unstubAllEnvs();
  expect(jupyter).toEqual({ subject: "JupyterLab", state: "ok", finding: "runs this kernel" });
});

test("whether a Jupyter finds the kernel: not, after its installation, when its Node is gone", async () => {
  const data = await mkdtemp(join(tmpdir(), "notelake-doctor-"));
  vi.stubEnv("JUPYTER_DATA_DIR", data);
  vi.stubEnv("JUPYTER_PATH", "");
  vi.stubEnv("VIRTUAL_ENV", "");
  const installed = async () =>
    (await checkMachine()).find(({ subject }) => subject === "Kernel in Jupyter");
  try {
    const remedy = "npx notelake kernel install";
    expect(await installed()).toMatchObject({ state: "warning", remedy });
    const folder = await installKernel(data);
    expect(await installed()).toMatchObject({ state: "ok", finding: `installed in ${folder}` });
    const file = join(folder, "kernel.json");
    const spec = await readFile(file, "utf8");
    await writeFile(file, spec.replaceAll(process.execPath, "/gone/node"));
    const finding = `${folder} starts /gone/node, which is gone`;
    expect(await installed()).toMatchObject({ state: "warning", finding, remedy });
  } finally {
    vi.unstubAllEnvs();
    await rm(data, { recursive: true });
  }
});
