import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { REDACTED } from "../../src/core/redact.ts";
import { runNotebook } from "../../src/runner/run.ts";

const root = join(import.meta.dirname, "../..");
const preload = pathToFileURL(join(import.meta.dirname, "wire-dump.ts")).href;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "notelake-notebook-secrecy-"));
});
afterAll(() => rm(folder, { recursive: true }));

test.each([
  ["01-user-sign-in", ["access_token", "refresh_token", "device_code", "code_verifier"]],
  ["02-service-sign-in", ["access_token", "client_secret", "client_assertion"]],
  ["03-managed-identity", ["access_token", "refresh_token"]],
])(
  "no secret that %s sent or received stands in its outputs",
  async (name, fields) => {
    const wire = join(folder, `${name}.json`);
    const env = {
      NOTELAKE_WIRE: wire,
      NODE_OPTIONS: `${process.env.NODE_OPTIONS} --import=${preload}`,
    };
    const { notebook, error } = await runNotebook(join(root, `notebooks/${name}.ipynb`), { env });
    expect(error).toBeUndefined();

    const seen = new Map<string, string[]>(JSON.parse(await readFile(wire, "utf8")));
    expect([...seen.keys()]).toEqual(expect.arrayContaining(fields));
    const outputs = JSON.stringify(notebook.cells.map((cell) => cell.outputs ?? []));
    for (const secret of [...seen.values()].flat()) expect(outputs.includes(secret)).toBe(false);
    // And the runner had nothing to take out.
    expect(outputs).not.toContain(REDACTED);
  },
  120_000,
);
