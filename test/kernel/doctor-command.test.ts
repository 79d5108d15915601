import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const CLI = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));

function doctor(env: NodeJS.ProcessEnv): Promise<{ code: unknown; output: string }> {
  const flags = ["--conditions=notelake-source", "--disable-warning=ExperimentalWarning"];
  return new Promise((done) => {
    const options = { env: { ...process.env, ...env } };
    execFile(process.execPath, [...flags, CLI, "doctor"], options, (error, stdout) =>
      done({ code: error?.code ?? 0, output: stdout }),
    );
  });
}

test("all is well on this machine, in the practice cloud", async () => {
  const { code, output } = await doctor({ AZURE_CLIENT_SECRET: "", NOTELAKE_CLOUD: "practice" });
  expect(output).toMatch(/^✓ Node\.js/);
  expect(output).toMatch(/^✓ Clock +agrees with the authority$/m);
  expect(output).toMatch(/^✓ Storage account contosolake/m);
  expect(code).toBe(0);
});

test("what does not work is the exit code's business too", async () => {
  const { code, output } = await doctor({ NODE_TLS_REJECT_UNAUTHORIZED: "0" });
  expect(output).toMatch(/^✕ Environment +NODE_TLS_REJECT_UNAUTHORIZED is 0/m);
  expect(code).toBe(1);
});
