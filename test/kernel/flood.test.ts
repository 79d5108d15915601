import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Message } from "../../src/kernel/wire.ts";
import { openSession, type Session } from "./session.ts";

let session: Session;
beforeAll(async () => {
  session = await openSession(import.meta.dirname, { headless: true });
});
afterAll(() => session.client.shutdown());

const streamed = (messages: readonly Message[]) =>
  messages
    .filter(({ header }) => header.msg_type === "stream")
    .map(({ content }) => content.text)
    .join("");
const numbered = (count: number, line: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => line(n)).join("");

describe("all arrives, in order:", () => {
  test("1,000 cells that are asked for at once", async () => {
    const replies = await Promise.all(
      Array.from({ length: 1000 }, (_, n) => session.run(`console.log(${n})`)),
    );
    expect(replies.map(({ printed }) => printed)).toEqual(
      Array.from({ length: 1000 }, (_, n) => `${n}\n`),
    );
  });

  test("2,000 displays of one cell", async () => {
    const { messages } = await session.run(`
const show = Reflect.get(globalThis, Symbol.for("notelake.display"));
for (let n = 0; n < 2000; n++) show({ "text/plain": String(n) });`);
    const shown = messages
      .filter(({ header }) => header.msg_type === "display_data")
      .map(({ content }) => (content.data as Record<string, string>)["text/plain"]);
    expect(shown).toEqual(Array.from({ length: 2000 }, (_, n) => String(n)));
  });

  test("4,000 writes that alternate between standard output and error", async () => {
    const { messages } = await session.run(
      "for (let n = 0; n < 2000; n++) { console.log(n); console.error(n); }",
    );
    expect(streamed(messages)).toBe(numbered(2000, (n) => `${n}\n${n}\n`));
  });

  test("500,000 lines", async () => {
    const { printed, messages } = await session.run(
      "for (let n = 0; n < 500_000; n++) console.log(n);",
    );
    expect(printed === numbered(500_000, (n) => `${n}\n`)).toBe(true);
    // Joined, not one message a line.
    expect(messages.length).toBeLessThan(5000);
  });

  test("50 MB in one write, in pieces that part no character", async () => {
    const { messages, printed } = await session.run(
      'process.stdout.write("ab\\u{1F600}".repeat(12_500_000));',
    );
    expect(printed.length).toBe(50_000_000);
    expect(printed === "ab\u{1F600}".repeat(12_500_000)).toBe(true);
    const lone = messages.filter(({ content }) => !String(content.text ?? "").isWellFormed());
    expect(lone).toEqual([]);
  });
});

test.each([
  ["900 lines", "for (let n = 0; n < 900; n++) console.log(n);", numbered(900, (n) => `${n}\n`)],
  ["a line, behind a cell that printed much", 'console.log("begun");', "begun\n"],
])("shows %s while the code behind blocks", async (_what, code, expected) => {
  const folder = await mkdtemp(join(tmpdir(), "notelake-flood-"));
  const go = join(folder, "go");
  const seen: Message[] = [];
  await session.run('import { existsSync } from "node:fs";');
  const before = session.run("for (let n = 0; n < 2000; n++) console.log(n);");
  const cell = session.run(`${code}\nwhile (!existsSync(${JSON.stringify(go)})) {}`, {
    onOutput: (message) => seen.push(message),
  });
  try {
    await before;
    await expect.poll(() => streamed(seen), { timeout: 20_000 }).toBe(expected);
  } finally {
    await writeFile(go, "");
    await cell;
    await rm(folder, { recursive: true });
  }
});

test("what is printed before a cell blocks is seen while it blocks", async () => {
  let seenAfter = Number.POSITIVE_INFINITY;
  const began = performance.now();
  await session.run(
    'console.log("a"); console.error("b"); console.log("begun"); ' +
      "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000);",
    {
      onOutput({ content }) {
        if (content.text === "begun\n") seenAfter = performance.now() - began;
      },
    },
  );
  expect(seenAfter).toBeLessThan(2500);
});

test("a cell waits for a reader that reads nothing, in bounded memory", async () => {
  const { value } = await session.run(`
import { Session } from "node:inspector";
const text = "x".repeat(1_000_000);
for (let n = 0; n < 300; n++) process.stdout.write(text);
process.memoryUsage().rss / 1e6`);
  // 300 MB were printed; what is on its way is at most 64 MB, more lies with the reader.
  expect(Number(value)).toBeLessThan(900);
});

test.each([
  ["the end of the process", "process.exit(3)"],
  ["an exit listener", 'process.on("exit", () => console.log("last")); process.exit(3)'],
])("what was printed before %s is delivered", async (_what, end) => {
  const other = await openSession(import.meta.dirname, { headless: true });
  const seen: Message[] = [];
  try {
    const code = `process.stdout.write("x".repeat(20_000_000) + "end\\n"); ${end}`;
    const cell = other.run(code, { onOutput: (message) => seen.push(message) });
    await expect(cell).rejects.toThrow("exit code 3");
    const printed = streamed(seen);
    expect(printed.length).toBeGreaterThan(20_000_000);
    expect(printed.slice(20_000_000)).toBe(end.includes("last") ? "end\nlast\n" : "end\n");
  } finally {
    await other.client.close();
  }
});
