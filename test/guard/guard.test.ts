import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "notelake-guard-test-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs a line of JavaScript under the guard; answers its output and what the guard noted. */
async function guarded(name: string, script: string) {
  const log = join(folder, name);
  const env = { ...process.env, NOTELAKE_GUARD_LOG: log };
  const { stdout } = await run(process.execPath, ["--eval", script], { env });
  return { output: stdout.trim(), noted: await readFile(log, "utf8").catch(() => "") };
}

test.each([
  ["fetch", "fetch('https://management.azure.com:444').catch(e => console.log(e.cause.code))"],
  ["dns", "require('dns').lookup('example.invalid', e => console.log(e.code))"],
  ["resolve", "require('dns').resolve4('example.invalid', e => console.log(e.code))"],
  ["promise", "require('dns').promises.resolve('example.invalid').catch(e => console.log(e.code))"],
  [
    "address",
    "require('net').connect(80, '169.254.169.254').on('error', e => console.log(e.code))",
  ],
])("a reach for another machine by %s is refused and noted", async (name, script) => {
  const { output, noted } = await guarded(name, script);
  expect(output).toBe("EGUARD");
  expect(noted).toMatch(/look-up of|connection to/);
});

test("traffic on this machine passes", async () => {
  const { output, noted } = await guarded(
    "local",
    `const server = require('http').createServer((_, r) => r.end('here')).listen(0, '127.0.0.1',
       async () => { console.log(await (await fetch('http://127.0.0.1:' + server.address().port)).text());
                     server.close(); })`,
  );
  expect({ output, noted }).toEqual({ output: "here", noted: "" });
});
