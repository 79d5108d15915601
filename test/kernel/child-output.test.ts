import { afterAll, beforeAll, expect, test } from "vitest";
import { openSession, type Session } from "./session.ts";

let session: Session;
beforeAll(async () => {
  session = await openSession(import.meta.dirname);
});
afterAll(() => session.client.shutdown());

const both = '"echo out; echo err >&2"';

test.each([
  [
    "spawn",
    `import { spawn } from "node:child_process";
const child = spawn("sh", ["-c", ${both}], { stdio: "inherit" });
await new Promise((done) => child.on("close", done));
child.stdout === null`,
    "true",
  ],
  [
    "spawn with descriptors",
    `import { spawn } from "node:child_process";
const child = spawn("sh", ["-c", ${both}], { stdio: ["ignore", 1, process.stderr] });
await new Promise((done) => child.on("close", done));
child.exitCode`,
    "0",
  ],
  [
    "execSync",
    `import { execSync } from "node:child_process";
String(execSync(${both}, { stdio: "inherit" }))`,
    "null",
  ],
  [
    "execFileSync",
    `import { execFileSync } from "node:child_process";
String(execFileSync("sh", ["-c", ${both}], { stdio: "inherit" }))`,
    "null",
  ],
  [
    "spawnSync",
    `import { spawnSync } from "node:child_process";
spawnSync("sh", ["-c", ${both}], { stdio: "inherit" }).status`,
    "0",
  ],
])("what a program that inherits writes is shown in the cell: %s", async (_how, code, value) => {
  const { reply, messages, ...cell } = await session.run(code);
  expect(reply.traceback).toBeUndefined();
  const written = (name: string) =>
    messages.filter(({ content }) => content.name === name).map(({ content }) => content.text);
  expect([written("stdout").join(""), written("stderr").join("")]).toEqual(["out\n", "err\n"]);
  expect(cell.value).toBe(value);
});

test("what a program wrote is shown even when it failed", async () => {
  const { reply, printed } = await session.run(
    `import { execSync } from "node:child_process";
execSync("echo before; exit 3", { stdio: "inherit" });`,
  );
  expect(printed).toBe("before\n");
  expect(reply.evalue).toContain("Command failed");
});

test("a program with pipes of its own is left alone", async () => {
  const { value, messages } = await session.run(
    `import { execSync } from "node:child_process";
execSync("echo kept", { encoding: "utf8" }).trim()`,
  );
  expect(value).toBe("kept");
  expect(messages.filter(({ header }) => header.msg_type === "stream")).toEqual([]);
});
