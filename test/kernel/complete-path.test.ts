import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSession, type Session } from "./session.ts";

let session: Session;
beforeAll(async () => {
  session = await openSession(resolve(import.meta.dirname, "../../notebooks"));
  const { reply } = await session.run(`
    import { connect, openFolder, openLake, signIn } from "notelake";
    process.env.NOTELAKE_HEADLESS = "1";
    await connect();
    await signIn({ method: "device-code" });
    const lake = openLake("raw");
    const here = openFolder("../data/raw");
    const missing = openLake("no-such-file-system");
    const other = { read: (path: string) => path };`);
  expect(reply.status).toBe("ok");
});
afterAll(() => session.client.shutdown());

/** What is offered where `|` stands in a code, and what of the code it replaces. */
async function offered(code: string) {
  const position = [...code.slice(0, code.indexOf("|"))].length;
  const reply = await session.ask("complete_request", {
    code: code.replace("|", ""),
    cursor_pos: position,
  });
  const replaced = [...code].slice(Number(reply.cursor_start), position).join("");
  return { replaced, matches: reply.matches as string[] };
}

describe("paths of a lake are offered inside of quotes", () => {
  test.each([
    ["of a method", 'await lake.stat("pen|', "pen", ["penguins/"]],
    ["of a function that takes the lake", "loadFrame(lake, 'pl|')", "pl", ["planes/"]],
    [
      "among other arguments",
      'lake.read("x", { length: Number("1") }); lake.list(`pen|',
      "pen",
      ["penguins/"],
    ],
    [
      "in SQL",
      "query(lake, `\n  select count(*)\n  from (select * from 'pen|",
      "pen",
      ["penguins/"],
    ],
    [
      "of a folder of this machine",
      'loadFrame(here, "weather/s|',
      "weather/s",
      ["weather/seattle.csv"],
    ],
    ["and of the folders in it", 'here.stat("p|', "p", ["penguins/", "planes/"]],
    ["behind other letters than ASCII", '"🐧"; lake.stat("pen|', "pen", ["penguins/"]],
    ["while options follow", 'loadFrame(lake, "pen|", { delimiter: ";" })', "pen", ["penguins/"]],
  ])("%s", async (_title, code, replaced, matches) => {
    expect(await offered(code)).toEqual({ replaced, matches });
  });

  test("level by level, down to files", async () => {
    const { matches } = await offered('lake.stat("|');
    expect(matches).toEqual(["airlines/", "bad/", "flights/", "penguins/", "planes/", "weather/"]);
    const files = (await offered('lake.stat("penguins/|')).matches;
    expect(files).toContain("penguins/penguins.csv");
    expect((await offered('lake.stat("penguins/penguins.c|')).matches).toEqual([
      "penguins/penguins.csv",
    ]);
  });

  test("and the type checker's words are offered where it has some", async () => {
    const { matches } = await offered('lake.setAcl("penguins", [], { mode: "|" })');
    expect(matches).toEqual(["modify", "remove", "set"]);
  });

  test.each([
    ["a lake that is not there", 'missing.stat("|'],
    ["what is outside of a folder", 'here.stat("../|'],
    ["a folder that is not there", 'here.stat("none/|'],
    ["another object", 'other.read("pen|'],
    ["a name that no cell declared", 'nothing.read("pen|'],
    ["a text outside of a call", 'const text = "pen|'],
    ["code that is no text", "lake.stat(pen|"],
  ])("nothing for %s", async (_title, code) => {
    expect((await offered(code)).matches).toEqual([]);
  });

  test("while a cell waits", async () => {
    const running = session.run("await new Promise((done) => setTimeout(done, 1500));");
    expect((await offered('lake.stat("pen|')).matches).toEqual(["penguins/"]);
    expect((await running).reply.status).toBe("ok");
  });
});
