import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Message } from "../../src/kernel/wire.ts";
import { openSession, type Session } from "./session.ts";

let session: Session;
beforeAll(async () => {
  session = await openSession(import.meta.dirname);
});
afterAll(() => session.client.shutdown());

const bySignal = () => process.kill(session.client.kernel.pid, "SIGINT");
const byMessage = () => session.client.request("interrupt_request", {}, { control: true });

/** Runs a cell, interrupts it once it has said that it runs, and answers what it came to. */
async function interrupted(code: string, interrupt: () => unknown = byMessage) {
  const { promise: begun, resolve } = Promise.withResolvers<void>();
  const cell = session.run(code, { onOutput: () => resolve() });
  await begun;
  await sleep(100);
  await interrupt();
  return cell;
}

/** Nothing of the kernel itself was hurt: cells run, time passes, requests are answered. */
async function stillWorks() {
  const { reply, value } = await session.run(
    "await new Promise((done) => setTimeout(done, 10)); 'still here'",
  );
  expect(reply.traceback).toBeUndefined();
  expect(value).toBe("still here");
  expect(await session.ask("complete_request", { code: "Numb" })).toMatchObject({ status: "ok" });
}

const begin = 'console.log("begun");';
const signal = 'Reflect.get(globalThis, Symbol.for("notelake.cellSignal"))()';

/** Cells that only end when V8 terminates them, and one that waits. */
const STUCK: [string, string][] = [
  ["a loop", "while (true) {}"],
  ["a loop behind an await", "await 1; while (true) {}"],
  ["a loop of microtasks", "while (true) await null;"],
  [
    "microtasks that queue each other",
    "(function f() { queueMicrotask(f); })(); await new Promise(() => {});",
  ],
  [
    "process.nextTick without end",
    "(function f() { process.nextTick(f); })(); await new Promise(() => {});",
  ],
  [
    "a loop in a timer's callback",
    `setTimeout(() => { ${begin} while (true) {} }, 1); await new Promise(() => {});`,
  ],
  [
    "a loop in a file's callback",
    'import { readFile } from "node:fs";\n' +
      `readFile(".", () => { ${begin} while (true) {} }); await new Promise(() => {});`,
  ],
  ["a regular expression that backtracks", '/^(a+)+$/.test("a".repeat(40) + "b")'],
  ["Atomics.wait", "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)"],
  [
    "a program that is waited for",
    'import { execSync } from "node:child_process";\nexecSync("sleep 100");',
  ],
  ["waiting for what never comes", "await new Promise(() => {});"],
  ["a loop that prints", 'while (true) process.stdout.write("");'],
];

async function endsBy(interrupt: () => unknown, code: string) {
  // An interrupt before a callback is called would end what waits for it.
  const told = code.includes(begin) ? code : `${begin}\n${code}`;
  const { reply } = await interrupted(told, interrupt);
  expect(reply).toMatchObject({ status: "error", ename: "CellInterrupted" });
  await stillWorks();
}

describe("an interrupt ends", () => {
  // One interrupt waits for a second, which the loop would burn.
  test.each(STUCK)("%s, when it is asked twice", (_what, code) =>
    endsBy(() => Promise.all([byMessage(), byMessage()]), code),
  );

  test.each(STUCK.filter(([what]) => /^a loop$|waited|backtracks/.test(what)))(
    "%s",
    (_what, code) => endsBy(byMessage, code),
  );

  test("what listens to the cell's signal, at once", async () => {
    const code = `
const signal: AbortSignal = ${signal};
signal.addEventListener("abort", () => console.log("told"));
${begin}
await new Promise(() => {});`;
    const { reply, printed } = await interrupted(code);
    expect(reply).toMatchObject({ status: "error", ename: "CellInterrupted" });
    expect(printed).toBe("begun\ntold\n");
  });

  test("a loop by SIGINT as well as by message", async () => {
    const { reply } = await interrupted(`${begin} while (true) {}`, bySignal);
    expect(reply).toMatchObject({ status: "error", ename: "CellInterrupted" });
    await stillWorks();
  });

  test("waiting by SIGINT as well as by message", async () => {
    const { reply } = await interrupted(`${begin} await new Promise(() => {});`, bySignal);
    expect(reply).toMatchObject({ status: "error", ename: "CellInterrupted" });
    await stillWorks();
  });
});

test("an interrupt says that it had to terminate", async () => {
  const { messages } = await interrupted(`${begin}\nlet n = 0;\nwhile (true) n++;`);
  const said = messages.filter(({ content }) => content.name === "stderr");
  expect(said.map(({ content }) => content.text).join("")).toContain(
    "The cell did not stop when it was interrupted: its execution is terminated.",
  );
});

test("two interrupts at once end what only waits, and nothing of the kernel", async () => {
  const twice = () => Promise.all([byMessage(), byMessage()]);
  for (let round = 0; round < 20; round++) {
    const { reply } = await interrupted(`${begin} await new Promise(() => {});`, twice);
    expect(reply).toMatchObject({ status: "error", ename: "CellInterrupted" });
  }
  await stillWorks();
});

test("a second interrupt does not wait for a second before it terminates", async () => {
  const began = performance.now();
  await interrupted(`${begin} while (true) {}`, async () => {
    await byMessage();
    await byMessage();
  });
  expect(performance.now() - began).toBeLessThan(900);
  await stillWorks();
});

test("what an interrupted cell waits for may be collected", async () => {
  await interrupted(`${begin} await new Promise(() => {});`);
  const code = `
const kept: unknown[] = [];
for (let n = 0; n < 2e7; n++) kept[n % 1000] = { n, list: [n] };
kept.length`;
  expect((await session.run(code)).value).toBe("1000");
});

test("an interrupt while nothing runs changes nothing", async () => {
  await byMessage();
  bySignal();
  await sleep(300);
  await stillWorks();
});

test("the kernel ends when native code does not return, and says so", async () => {
  const other = await openSession(import.meta.dirname);
  try {
    // The program ignores SIGINT and is waited for in native code.
    const code = `
import { execFileSync } from "node:child_process";
${begin}
execFileSync(process.execPath, ["-e", "process.on('SIGINT', () => {}); setInterval(() => {}, 1e6)"]);`;
    const messages: string[] = [];
    const { promise: begun, resolve } = Promise.withResolvers<void>();
    const onOutput = ({ content }: Message) => {
      messages.push(String(content.evalue ?? ""));
      resolve();
    };
    const cell = other.run(code, { onOutput });
    await begun;
    await sleep(1000);
    await other.client.request("interrupt_request", {}, { control: true });
    expect((await cell).reply).toMatchObject({ status: "error", ename: "KernelEnded" });
    expect(messages.join("")).toContain(
      "the cell did not stop within 10 s of the interrupt, so the kernel was ended",
    );
    expect(await other.client.kernel.exited).toMatchObject({ signal: "SIGKILL" });
  } finally {
    await other.client.close();
  }
});
