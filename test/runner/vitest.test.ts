import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { findNotebooks } from "../../src/runner/vitest.ts";

const config = join(import.meta.dirname, "fixtures", "plugin.config.ts");
const vitest = resolve(import.meta.dirname, "../../node_modules/vitest/vitest.mjs");

/** Runs Vitest on a project that uses the plug-in. */
function run(...notebooks: string[]): Promise<{ code: number; output: string }> {
  const args = [vitest, "run", "--config", config, "--reporter=verbose", "--no-color"];
  const env = { ...process.env, NOTEBOOKS: notebooks.join(",") };
  return new Promise((done) => {
    execFile(process.execPath, args, { env }, (error, stdout, stderr) =>
      done({ code: Number(error?.code ?? 0), output: stdout + stderr }),
    );
  });
}

test("each notebook is a test, named, and fails with its cell and line", async () => {
  const { code, output } = await run("passes.ipynb", "raises.ipynb", "type-error.ipynb");
  expect(code).toBe(1);
  expect(output).toMatch(/✓ .*notebooks > passes\.ipynb/);
  expect(output).toMatch(/× .*notebooks > type-error\.ipynb/);
  expect(output).toContain(
    "CellError: type-error.ipynb, cell 2 (id cell-2), line 4: TypeScriptError",
  );
  // It runs, but its outputs were never stored.
  expect(output).toMatch(/× .*notebooks > raises\.ipynb/);
  expect(output).toContain("raises.ipynb, cell 1 (id cell-1): the output is not the one stored");
  expect(output).toContain("npx notelake run --write");
  expect(output).toMatch(/2 failed \| 1 passed/);
});

test("a folder without a notebook fails", async () => {
  const { code, output } = await run("no-such.ipynb");
  expect(code).toBe(1);
  expect(output).toContain("there is no notebook in");
});

test("notebooks of packages and Jupyter's checkpoints are not found", async () => {
  const folder = await mkdtemp(join(tmpdir(), "notelake-find-"));
  try {
    for (const inside of ["b", "a/b", "node_modules/x", ".ipynb_checkpoints", "a/.hidden"]) {
      await mkdir(join(folder, inside), { recursive: true });
      await writeFile(join(folder, inside, "one.ipynb"), "{}");
    }
    expect(findNotebooks(folder)).toEqual(["a/b/one.ipynb", "b/one.ipynb"]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
