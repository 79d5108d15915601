import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

// That for Vitest runs as a test of its own, and that for pytest as an interop test.
it("the example for node:test passes", async () => {
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env;
  const conditions = ["--conditions=notelake-source", "--disable-warning=ExperimentalWarning"];
  const args = [...conditions, "--test", "--test-reporter=tap", "examples/node-test/*.test.ts"];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  expect(stdout).toMatch(/^# pass 3$/m);
  expect(stdout).toMatch(/^# fail 0$/m);
});
