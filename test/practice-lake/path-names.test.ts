import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collect, type RawAnswer, type ServedLake, serveLake } from "./served-lake.ts";

let lake: ServedLake;

beforeAll(async () => {
  lake = await serveLake({ "raw/here.txt": "here" });
});
afterAll(() => lake.close());

const raw = () => lake.client().getFileSystemClient("raw");

/** A refusal has Azure's header, a body in the dialect of the request, and never status 500. */
function expectProper(answer: RawAnswer, dialect: "dfs" | "blob") {
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  const code = answer.headers["x-ms-error-code"];
  expect(code).toMatch(/^[A-Z][A-Za-z]+$/);
  expect(answer.headers["x-ms-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
  const body = answer.body.toString();
  if (dialect === "blob") expect(body).toContain(`<Code>${code}</Code>`);
  else expect(JSON.parse(body)).toMatchObject({ error: { code } });
}

describe("a name", () => {
  test.each([
    "plain",
    "with space",
    "ünïcödé/日本語/עברית/🦆.txt",
    "a+b&c=d;e,f'g\"h",
    "percent%25sign %2520",
    "question?mark#hash",
    "back\\slash",
    "trailing.",
    "...",
    "a:b*c|d<e>f",
    "~tilde^caret`tick",
    `${"n".repeat(250)}/${"m".repeat(250)}/${"o".repeat(250)}`,
    "x".repeat(1_024),
  ])("is kept as it is: %j", async (name) => {
    const file = raw().getFileClient(name);
    await file.upload(Buffer.from("content"));
    expect((await file.readToBuffer()).toString()).toBe("content");
    const found = (await collect(raw().listPaths({ recursive: true }))).map((path) => path.name);
    expect(found).toContain(name);
    const blob = await lake.send({
      target: `/raw?restype=container&comp=list&prefix=${encodeURIComponent(name)}`,
    });
    expect(blob.status).toBe(200);
    await raw()
      .getDirectoryClient(name.split("/")[0] ?? "")
      .delete(true);
  });

  test("may hold an encoded slash, which separates", async () => {
    await lake.send({ method: "PUT", target: "/raw/enc%2Fo%2fded?resource=file", body: "" });
    expect(await raw().getDirectoryClient("enc").exists()).toBe(true);
    expect(await raw().getFileClient("enc/o/ded").exists()).toBe(true);
  });

  test.each([
    ["..", "/raw/../../../etc/passwd"],
    ["encoded ..", "/raw/%2e%2e/%2E%2E/etc/passwd"],
    ["encoded slash and ..", "/raw/..%2f..%2Fetc%2fpasswd"],
    ["a single dot", "/raw/./x"],
    [".. as file system", "/../names.db"],
    ["encoded .. as file system", "/%2e%2e/names.db"],
    ["a zero byte", "/raw/a%00b"],
    ["a control character", "/raw/a%0Ab"],
    ["broken encoding", "/raw/%zz"],
    ["half an encoding", "/raw/%"],
    ["encoding that is no UTF-8", "/raw/%ff%fe"],
    ["half a surrogate pair", "/raw/%ed%a0%80"],
    ["1,025 characters", `/raw/${"x".repeat(1_025)}`],
    ["a file system in capitals", "/RAW/x"],
    ["a file system too short", "/ab/x"],
  ])("is refused: %s", async (_name, target) => {
    for (const method of ["GET", "PUT", "DELETE"]) {
      const dfs = `${target}?resource=file`;
      expectProper(await lake.send({ method, target: dfs, body: "" }), "dfs");
      const headers = { "x-ms-blob-type": "BlockBlob", accept: "application/xml" };
      expectProper(await lake.send({ method, target, headers, body: "" }), "blob");
    }
    const headers = { "x-ms-rename-source": target };
    expectProper(await lake.send({ method: "PUT", target: "/raw/to?mode=legacy", headers }), "dfs");
  });

  test.each(["ab", "-abc", "abc-", "a--b", "Abc", "a_b", "a.b", "x".repeat(64), "a%2fb%2e"])(
    "is none for a file system: %s",
    async (name) => {
      const answer = await lake.send({
        method: "PUT",
        target: `/${name}?resource=filesystem`,
        body: "",
      });
      expectProper(answer, "dfs");
    },
  );

  test.each(["", "/", "//", "/raw//", "/raw///here.txt"])(
    "may be empty in parts: %j",
    async (path) => {
      const answer = await lake.send({ target: path });
      if (path.endsWith("here.txt")) expect(answer.body.toString()).toBe("here");
      else expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
    },
  );
});

test("whatever is thrown at it, nothing appears outside the lake's folder", {
  timeout: 60_000,
}, async () => {
  const random = seededRandom(20261121);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const parts = [
    "..",
    ".",
    "%2e%2e",
    "%2F",
    "/",
    "\\",
    "%5c",
    "a",
    "é",
    "%00",
    "%",
    "%25",
    " ",
    "%20",
    "~",
    "$root",
    "names.db",
    "bytes",
    "🦆",
    ":",
    "con",
    "x".repeat(300),
    ";",
    "?",
    "%3f",
    "#",
    "\u202e",
  ];
  const methods = ["GET", "HEAD", "PUT", "PATCH", "DELETE", "POST"] as const;
  const queries = [
    "resource=file",
    "resource=directory",
    "resource=filesystem",
    "restype=container",
    "action=append&position=0",
    "action=flush&position=0",
    "comp=block&blockid=AA==",
    "comp=list",
    "recursive=true",
    "comp=lease",
    "action=setAccessControl",
    "mode=legacy",
    "comp=metadata",
    "",
  ];
  const before = await readdir(lake.folder);
  for (let turn = 0; turn < 1_500; turn++) {
    const name = () =>
      Array.from({ length: 1 + Math.floor(random() * 6) }, () => pick(parts)).join("");
    const encoded = (text: string) =>
      text.replace(/[^\x21-\x7e]/gu, (one) => encodeURIComponent(one));
    const target = `/${pick(["raw/", "", "raw"])}${encoded(name())}?${pick(queries)}`;
    const answer = await lake.send({
      method: pick(methods),
      target,
      headers: {
        ...(random() < 0.2 ? { "x-ms-rename-source": encoded(`/raw/${name()}`) } : {}),
        ...(random() < 0.2 ? { "x-ms-blob-type": "BlockBlob" } : {}),
      },
      body: random() < 0.5 ? "" : "data",
    });
    expect([target, answer.status >= 500]).toEqual([target, false]);
    if (answer.status >= 400) expect(answer.headers["x-ms-error-code"]).toMatch(/^[A-Z]/);
  }
  expect(await readdir(lake.folder)).toEqual(before);
  expect((await readdir(join(lake.folder, "lake"))).sort()).toEqual(["gen1", "gen2"]);
  const account = await readdir(join(lake.folder, "lake/gen2/contosolake"));
  expect(account.filter((name) => !name.startsWith("names.db"))).toEqual(["bytes"]);
  const bytes = await readdir(join(lake.folder, "lake/gen2/contosolake/bytes"), {
    recursive: true,
  });
  expect(bytes.every((name) => /^[0-9a-f]{2}(\/-?\d+)?$/.test(name))).toBe(true);
});

/** The same numbers every time, so that a failure can be looked at again. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
