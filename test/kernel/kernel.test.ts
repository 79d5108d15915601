import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSession, type Session } from "./session.ts";

const folder = join(import.meta.dirname, "fixtures");
let session: Session;
beforeAll(async () => {
  session = await openSession(folder);
});
afterAll(() => session.client.shutdown());

const types = (messages: readonly { header: { msg_type: string } }[]) =>
  messages.map(({ header }) => header.msg_type);

describe("cells", () => {
  test("share what they declare, and may declare it again", async () => {
    await session.run("const width: number = 3;\nlet name = 'a';");
    await session.run("name += 'b';");
    expect((await session.run("[width, name]")).value).toBe("[ 3, 'ab' ]");
    await session.run("const width = 'wide';");
    expect((await session.run("width.length")).value).toBe("4");
  });

  test("are checked strictly", async () => {
    const { reply } = await session.run(
      "const size: number | undefined = undefined;\nsize.toFixed();",
    );
    expect(reply).toMatchObject({ status: "error", ename: "TypeScriptError" });
    expect(reply.traceback).toContain("In[6], line 2");
  });

  test("wait at the top level, in loops too", async () => {
    const code = `
const wait = (n: number) => new Promise<number>((done) => setTimeout(() => done(n), 1));
const seen: number[] = [await wait(1)];
for await (const n of [wait(2), wait(3)]) seen.push(n);
seen`;
    expect((await session.run(code)).value).toBe("[ 1, 2, 3 ]");
  });

  test("run in the notebook's folder and import its modules, types included", async () => {
    const { value } = await session.run(
      `import { area } from "./area.ts";\n[process.cwd().endsWith("fixtures"), area(3, 4)]`,
    );
    expect(value).toBe("[ true, 12 ]");
    const { reply } = await session.run(`area("3", 4)`);
    expect(reply.evalue).toBe(
      "Argument of type 'string' is not assignable to parameter of type 'number'.",
    );
    const { reply: thrown } = await session.run("area(-1, 4)");
    expect(thrown.traceback).toEqual([
      "RangeError: negative width",
      "    at area (area.ts:3:24)",
      "    at In[10]:1:1",
    ]);
  });

  test("import notelake by name from a folder that does not have it", async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), "notelake-kernel-test-"));
    const other = await openSession(elsewhere);
    try {
      const { value, reply } = await other.run(
        `import { LakeError } from "notelake";\nnew LakeError("BAD_PATH", "no").code`,
      );
      expect(reply.traceback).toBeUndefined();
      expect(value).toBe("BAD_PATH");
    } finally {
      await other.client.shutdown();
      await rm(elsewhere, { recursive: true });
    }
  });
});

describe("what a cell shows", () => {
  test.each([
    ["nothing for undefined", "undefined", undefined],
    ["null", "null", "null"],
    ["a text as it is", "'two\\nlines'", "two\nlines"],
    ["what a promise becomes", "Promise.resolve(7)", "7"],
    [
      "what a value says of itself",
      "({ [Symbol.for('Jupyter.display')]: () => ({ 'text/plain': 'me' }) })",
      "me",
    ],
  ])("%s", async (_what, code, value) => {
    expect((await session.run(code)).value).toBe(value);
  });

  test("a display that changes in place", async () => {
    const { messages } = await session.run(`
const show = Reflect.get(globalThis, Symbol.for("notelake.display"));
const handle = show({ "text/plain": "waiting" });
handle.update({ "text/plain": "done" });`);
    const shown = messages.slice(1);
    expect(types(shown)).toEqual(["display_data", "update_display_data"]);
    const ids = shown.map(
      ({ content }) => (content.transient as { display_id: string }).display_id,
    );
    expect(ids[0]).toBe(ids[1]);
    expect(shown[1]?.content.data).toEqual({ "text/plain": "done" });
  });

  test("tslab's own display", async () => {
    const { messages } = await session.run(
      `import { display } from "tslab";\ndisplay.html("<b>1</b>");`,
    );
    expect(messages[1]?.content.data).toEqual({ "text/html": "<b>1</b>" });
  });

  test("all of 20,000 lines, in order, in few messages", async () => {
    const { printed, messages } = await session.run(
      "for (let i = 0; i < 20_000; i++) console.log(i);",
    );
    expect(printed).toBe(Array.from({ length: 20_000 }, (_, i) => `${i}\n`).join(""));
    expect(messages.length).toBeLessThan(200);
  });

  test("a thrown value that is no Error", async () => {
    const { reply } = await session.run("throw { code: 7 };");
    expect(reply).toMatchObject({ ename: "Thrown", evalue: "{ code: 7 }" });
  });

  test("an error with its hint and its cause, without the frames of packages", async () => {
    const { reply } = await session.run(`
import { LakeError } from "notelake";
const low = new Error("socket closed");
throw new LakeError("UNREACHABLE", "no answer", { hint: "Try again.", cause: low });`);
    const [head, hint, cause, place] = reply.traceback as string[];
    expect([head, hint, cause]).toEqual([
      "LakeError [UNREACHABLE]: no answer",
      "  Try again.",
      "  caused by Error: socket closed",
    ]);
    expect(place).toMatch(/^In\[\d+\], line 4$/);
    expect(JSON.stringify(reply.traceback)).not.toMatch(/file:|node:|evalmachine|\\u001b/);
  });
});

describe("requests", () => {
  test("behind a failing one are aborted, and later ones run", async () => {
    const replies = await Promise.all([
      session.run("throw new Error('first');"),
      session.run("'second'"),
      session.run("'third'"),
    ]);
    expect(replies.map(({ reply }) => reply.status)).toEqual(["error", "aborted", "aborted"]);
    expect((await session.run("'later'")).value).toBe("later");
  });

  test("behind a failing one run when that was asked for", async () => {
    const replies = await Promise.all([
      session.run("throw new Error('first');", { stop_on_error: false }),
      session.run("'second'"),
    ]);
    expect(replies.map(({ reply }) => reply.status)).toEqual(["error", "ok"]);
  });

  test("for completion and inspection know the types of notelake", async () => {
    const code = 'import { openLa } from "notelake"';
    const completion = await session.ask("complete_request", { code, cursor_pos: 15 });
    expect(completion).toMatchObject({ cursor_start: 9, cursor_end: 15 });
    expect(completion.matches).toContain("openLake");
    await session.run(
      'import { LakeError } from "notelake";\nconst failure = new LakeError("NOT_FOUND", "b");',
    );
    const member = await session.ask("complete_request", { code: "failure.hi", cursor_pos: 10 });
    expect(member.matches).toEqual(["hint"]);
    const inspected = await session.ask("inspect_request", { code: "failure", cursor_pos: 3 });
    expect(inspected).toMatchObject({ found: true });
    expect((inspected.data as Record<string, string>)["text/plain"]).toContain("LakeError");
  });

  test("are answered while a cell waits", async () => {
    const cell = session.run("await new Promise((done) => setTimeout(done, 300)); 'done'");
    const completion = await session.ask("complete_request", { code: "Numb", cursor_pos: 4 });
    expect(completion.matches).toContain("Number");
    expect((await cell).value).toBe("done");
  });

  test("about completeness and the kernel itself", async () => {
    expect(await session.ask("is_complete_request", { code: "if (true) {" })).toEqual({
      status: "incomplete",
      indent: "  ",
    });
    expect(await session.ask("is_complete_request", { code: "1" })).toEqual({ status: "complete" });
    expect(await session.ask("kernel_info_request")).toMatchObject({
      status: "ok",
      language_info: { name: "typescript", file_extension: ".ts", mimetype: "text/typescript" },
    });
  });
});
