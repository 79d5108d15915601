import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LANGUAGE_CASES } from "./language-cases.ts";
import { type CellReply, openSession, type Session } from "./session.ts";

let session: Session;
beforeAll(async () => {
  session = await openSession(join(import.meta.dirname, "fixtures"));
});
afterAll(() => session.client.shutdown());

test.each(LANGUAGE_CASES)("$what", async ({ cells, value, printed = "", error }) => {
  const replies: CellReply[] = [];
  for (const code of cells) replies.push(await session.run(code));
  const last = replies.pop();
  for (const { reply } of replies) expect(reply.traceback).toBeUndefined();
  if (error) {
    const [ename, evalue] = error;
    expect(last?.reply).toMatchObject({ ename, evalue: expect.stringMatching(asPattern(evalue)) });
  } else {
    expect(last?.reply.traceback).toBeUndefined();
    expect(last?.value).toBe(value);
  }
  expect([...replies, last].map((reply) => reply?.printed).join("")).toBe(printed);
});

function asPattern(text: string | RegExp): RegExp {
  return typeof text === "string" ? new RegExp(`^${text.replace(/\W/g, "\\$&")}$`) : text;
}
