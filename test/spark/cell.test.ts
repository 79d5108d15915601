import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSession, type Session } from "../kernel/session.ts";
import {
  batch,
  complete,
  type ScriptedServer,
  startScripted,
  statementOf,
  tasks,
} from "./scripted-server.ts";

let kernel: Session;
let server: ScriptedServer;

beforeAll(async () => {
  server = await startScripted(async function* ({ plan }) {
    yield tasks("a", 3, 8, 2_000_000);
    if (statementOf(plan).endsWith("forever")) await sleep(60_000, undefined, { ref: false });
    await sleep(1500);
    yield* [batch("b", 0, 3), complete("c")];
  });
  kernel = await openSession(import.meta.dirname);
  const { reply } = await kernel.run(
    `import { connectSpark } from "notelake/spark";
     const spark = await connectSpark({ url: "${server.url}" });`,
  );
  expect(reply.traceback).toBeUndefined();
});
afterAll(async () => {
  await kernel.client.shutdown();
  await server[Symbol.asyncDispose]();
});

test("a cell shows how far its job is, and the rows as a table", async () => {
  const { reply, messages } = await kernel.run('await spark.sql("select n from t")');
  expect(reply.traceback).toBeUndefined();
  const shown = messages.map(({ content }) => Reflect.get(content.data ?? {}, "text/plain"));
  expect(shown).toContainEqual(
    expect.stringMatching(/^Running query on the cluster: 3 of 8 tasks · 2\.0 MB read/),
  );
  expect(shown).toContainEqual(expect.stringMatching(/^Ran query on the cluster: .* 3 rows, /));
  const result = messages.find(({ header }) => header.msg_type === "execute_result");
  expect(JSON.stringify(result?.content.data)).toContain("text/html");
});

test("interrupting a cell stops its job on the server", async () => {
  const before = server.log.length;
  const cell = kernel.run('await spark.sql("select n from forever")');
  while (!server.log.slice(before).includes("execute")) await sleep(50);
  await sleep(200);
  await kernel.client.request("interrupt_request", {}, { control: true });
  const { reply } = await cell;
  expect(reply).toMatchObject({ status: "error", ename: "CellInterrupted" });
  for (let tries = 0; tries < 50 && server.log.at(-1) !== "release"; tries++) await sleep(50);
  expect(server.log.slice(-2)).toEqual(["interrupt", "release"]);
  expect((await kernel.run("(await spark.sql('select n from t')).shape[0]")).value).toBe("3");
});

test("a kernel that is shut down ends its session on the server", async () => {
  await kernel.client.shutdown(60_000);
  expect(server.log.at(-1)).toBe("release session");
});
