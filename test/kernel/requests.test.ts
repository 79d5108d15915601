import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Dealer } from "zeromq";
import { kernelCommand } from "../../src/kernel/kernelspec.ts";
import { channelAddress } from "../../src/kernel/wire.ts";
import { openSession, type Session } from "./session.ts";

let session: Session;
beforeAll(async () => {
  session = await openSession(import.meta.dirname);
});
afterAll(() => session.client.shutdown());

describe("history", () => {
  test("has what was stored, by range, from the end, and by pattern", async () => {
    for (const code of ["1 + 1", "'two'", "1 + 1"]) await session.run(code);
    await session.run("'not stored'", { store_history: false });
    const find = async (request: object) =>
      (await session.ask("history_request", { output: false, raw: true, ...request })).history;
    const all = [
      [1, 1, "1 + 1"],
      [1, 2, "'two'"],
      [1, 3, "1 + 1"],
    ];
    expect(await find({ hist_access_type: "tail", n: 9 })).toEqual(all);
    expect(await find({ hist_access_type: "tail", n: 1 })).toEqual([all[2]]);
    expect(await find({ hist_access_type: "range", session: 0, start: 2, stop: 3 })).toEqual([
      all[1],
    ]);
    expect(await find({ hist_access_type: "search", pattern: "1 ?*" })).toEqual([all[0], all[2]]);
    expect(await find({ hist_access_type: "search", pattern: "1*", unique: true })).toEqual([
      all[2],
    ]);
    expect(await find({ hist_access_type: "tail", n: 1, output: true })).toEqual([
      [1, 3, ["1 + 1", "2"]],
    ]);
  });
});

describe("an execute_request", () => {
  test("counts and shows nothing when it is silent, and does not count when it is not stored", async () => {
    const before = (await session.run("0")).reply.execution_count;
    const silent = await session.run("'unseen'", { silent: true });
    expect(silent.messages).toEqual([]);
    const unstored = await session.run("'seen'", { store_history: false });
    expect(unstored.value).toBe("seen");
    expect((await session.run("0")).reply.execution_count).toBe(Number(before) + 1);
  });

  test("answers user expressions, each for itself", async () => {
    const { reply } = await session.run("const base = 20;", {
      user_expressions: { sum: "base + 1", none: "undefined", bad: "missing" },
    });
    expect(reply.user_expressions).toMatchObject({
      sum: { status: "ok", data: { "text/plain": "21" } },
      none: { status: "ok", data: { "text/plain": "undefined" } },
      bad: { status: "error", ename: "TypeScriptError" },
    });
  });

  test.each(["?parseInt", "parseInt?", "??parseInt"])("%s is a request for help", async (code) => {
    const { reply } = await session.run(code);
    const [page] = reply.payload as { source: string; data: Record<string, string> }[];
    expect(page?.source).toBe("page");
    expect(page?.data["text/plain"]).toContain("parseInt");
  });

  test("that asks for input where none is allowed fails with a hint", async () => {
    const { reply } = await session.run(
      'import { input } from "notelake";\nawait input("Your name: ");',
    );
    expect(reply).toMatchObject({
      ename: "NotelakeError",
      evalue: expect.stringContaining("nobody can be asked here: Your name:\n  Run the cell"),
    });
  });
});

test("a request for the debugger is answered: there is none", async () => {
  const reply = await session.client.request(
    "debug_request",
    { type: "request", seq: 7, command: "debugInfo" },
    { control: true },
  );
  expect(reply).toMatchObject({ type: "response", request_seq: 7, success: false });
});

test("what is no message, or not signed, changes nothing", async () => {
  const socket = new Dealer({ linger: 0 });
  socket.connect(channelAddress(session.client.kernel.connection, "shell"));
  for (const frames of [
    ["nonsense"],
    ["<IDS|MSG>", "0".repeat(64), "{}", "{}", "{}", "{}"],
    ["<IDS|MSG>", "short", "not JSON", "{}"],
  ]) {
    await socket.send(frames);
  }
  await sleep(100);
  socket.close();
  expect((await session.run("'unharmed'")).value).toBe("unharmed");
});

test("the kernel is known before a cell could run, and while one blocks", async () => {
  const busy = session.run("const end = Date.now() + 1500; while (Date.now() < end) {}");
  await sleep(300);
  const began = performance.now();
  expect(await session.ask("kernel_info_request")).toMatchObject({
    implementation: "notelake",
    language_info: { name: "typescript" },
  });
  expect(performance.now() - began).toBeLessThan(1000);
  await busy;
});

test("the kernel ends with its owner, whatever the cell does", async () => {
  // The owner starts a kernel as Jupyter does, makes it busy, and is killed.
  const program = `
import { openSession } from ${JSON.stringify(new URL("./session.ts", import.meta.url).href)};
const session = await openSession(process.cwd());
session.run("(function f() { queueMicrotask(f); })(); while (true) await null;").catch(() => {});
setTimeout(() => console.log(session.client.kernel.pid), 1500);
`;
  const [node = process.execPath, ...flags] = kernelCommand().slice(0, -1);
  const owner = spawn(node, [...flags, "--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const pid = await new Promise<number>((resolve) => {
    owner.stdout.on("data", (data) => resolve(Number(String(data))));
  });
  owner.kill("SIGKILL");
  for (let waited = 0; isAlive(pid) && waited < 100; waited++) await sleep(100);
  expect(isAlive(pid)).toBe(false);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
