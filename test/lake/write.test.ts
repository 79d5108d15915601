import { afterAll, beforeAll, expect, test } from "vitest";
import type { Lake } from "../../src/lake/lake.ts";
import { everythingIn } from "./listed.ts";
import { startTestCloud, type TestCloud } from "./practice-cloud.ts";

let cloud: TestCloud;
let lake: Lake;

beforeAll(async () => {
  cloud = await startTestCloud("ada@contoso.com", {
    "raw/in/a.csv": "a\n",
    "raw/in/deep/b.csv": "b\n",
  });
  lake = cloud.open("raw");
  await lake.write("in/deep/.hidden", "h\n");
});
afterAll(() => cloud.close());

test("two who write the same new file: one wins, the other is told", async () => {
  const results = await Promise.allSettled([
    lake.write("out/race/a", "x".repeat(100)),
    lake.write("out/race/a", "y".repeat(100)),
  ]);
  const refused = results.filter((r) => r.status === "rejected").map((r) => r.reason.code);
  expect(refused).toEqual(["EXISTS"]);
  expect(await lake.readText("out/race/a")).toMatch(/^(x{100}|y{100})$/);
  expect(await everythingIn(lake, "out/race")).toEqual(["out/race/a"]);
});

test("who may write but does not own a path may not change its access", async () => {
  await expect(lake.setAcl("in", ["user::rwx"])).rejects.toMatchObject({
    code: "FORBIDDEN",
    hint: expect.stringContaining("Storage Blob Data Owner"),
  });
});

test("a file system is made once, and deleted with all that lies in it", async () => {
  const made = cloud.open("made-here");
  expect(await made.exists("")).toBe(false);
  await expect(made.exists("a.csv")).rejects.toMatchObject({ code: "FILE_SYSTEM_NOT_FOUND" });
  await made.createFileSystem();
  expect(await made.exists("")).toBe(true);
  await made.write("a.csv", "a\n");
  await expect(made.createFileSystem()).rejects.toMatchObject({
    code: "EXISTS",
    message: expect.stringContaining("made-here @ contosolake exists already"),
    hint: "openLake opens it as it is.",
  });
  expect(await made.readText("a.csv")).toBe("a\n");
  await made.deleteFileSystem();
  const gone = { code: "FILE_SYSTEM_NOT_FOUND" };
  await expect(made.readText("a.csv")).rejects.toMatchObject(gone);
  await expect(made.createFileSystem()).rejects.toMatchObject({
    code: "CONFLICT",
    message: expect.stringContaining("made-here @ contosolake is still being deleted"),
    hint: expect.stringContaining("half a minute"),
  });
  await expect(cloud.open("never-made").deleteFileSystem()).rejects.toMatchObject(gone);
});

test("a Gen1 account refuses to make or delete its one file system", async () => {
  const old = cloud.open("adl://oldlake.azuredatalakestore.net/");
  for (const refused of [old.createFileSystem(), old.deleteFileSystem()]) {
    await expect(refused).rejects.toMatchObject({
      code: "BAD_REQUEST",
      hint: expect.stringContaining("openAccounts"),
    });
  }
});

test("content that breaks off fails with its own error, and leaves nothing", async () => {
  const reason = new TypeError("the source broke");
  async function* breaks() {
    yield Buffer.from("half");
    throw reason;
  }
  await expect(lake.write("out/broken/a", breaks())).rejects.toBe(reason);
  expect(await everythingIn(lake, "out")).not.toContain("out/broken/a");
  const missing = lake.write("out/broken/b", lake.stream("in/not-there"));
  await expect(missing).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect((await everythingIn(lake, "out/**")).filter((path) => path.includes("part"))).toEqual([]);
});
