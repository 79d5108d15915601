import { afterAll, beforeAll, expect, test } from "vitest";
import { openSession, type Session } from "./session.ts";

let session: Session;
beforeAll(async () => {
  session = await openSession(import.meta.dirname);
  await session.run('const one = 1;\nlet count = 0;\nlet name = "";');
});
afterAll(() => session.client.shutdown());

test.each([
  ["an object", "({ one, count })", "{ one: 1, count: 0 }"],
  ["an argument", "((o: { one: number }) => o.one)({ one })", "1"],
  [
    "an awaited value",
    "await Promise.resolve({ one, deep: [{ one }] })",
    "{ one: 1, deep: [ { one: 1 } ] }",
  ],
])("a name of an earlier cell may stand short in %s", async (_where, code, value) => {
  expect((await session.run(code)).value).toBe(value);
});

test("and be assigned by a pattern, preset included", async () => {
  const pattern =
    '({ one: count, name = "preset" } = { one: 5 } as { one: number; name?: string });';
  expect((await session.run(`${pattern}\n({ count, name })`)).value).toBe(
    "{ count: 5, name: 'preset' }",
  );
});
