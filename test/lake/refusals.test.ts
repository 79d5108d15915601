import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LakeError } from "../../src/core/errors.ts";
import { openLakeIn } from "../../src/lake/open-lake-in.ts";
import { collect, startTestCloud, type TestCloud } from "./practice-cloud.ts";

let ada: TestCloud;
let max: TestCloud;
const SEED = { "raw/sales/2025/01.csv": "x\n", "raw/sales/2024/01.csv": "x\n", "curated/": "" };

beforeAll(async () => {
  ada = await startTestCloud("ada@contoso.com", SEED);
  max = await startTestCloud("max@contoso.com", SEED);
});
afterAll(() => Promise.all([ada.close(), max.close()]));

async function failure(work: Promise<unknown>): Promise<LakeError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof LakeError) return error;
  throw new Error(`not a LakeError: ${error}`);
}

test("an unknown file system is named, with those that are there", async () => {
  const error = await failure(ada.open("rawx").readText("a.csv"));
  expect(error.toString()).toBe(
    "LakeError [FILE_SYSTEM_NOT_FOUND]: there is no file system rawx in contosolake (404)\n" +
      "  It has: raw, curated.",
  );
  const listed = await failure(collect(ada.open("rawx").list()));
  expect(listed.code).toBe("FILE_SYSTEM_NOT_FOUND");
});

test("a missing file is named, with what is there instead", async () => {
  const lake = ada.open("raw");
  const error = await failure(lake.read("sales/2026/01.csv"));
  expect(error.toString()).toBe(
    "LakeError [NOT_FOUND]: there is no sales/2026/01.csv in raw @ contosolake (404)\n" +
      "  sales has: 2024, 2025.",
  );
  expect(error.requestId).toMatch(/^[0-9a-f-]{36}$/);
  const missing = { code: "NOT_FOUND", hint: "sales has: 2024, 2025." };
  expect(await failure(lake.stat("sales/2026"))).toMatchObject(missing);
  expect(await failure(collect(lake.list("sales/2026")))).toMatchObject(missing);
  expect((await failure(collect(lake.list("nope/*.csv")))).code).toBe("NOT_FOUND");
});

test("someone without a role is told which one to get", async () => {
  const read = await failure(max.open("raw").read("sales/2025/01.csv"));
  expect(read.toString().split("\n")).toEqual([
    "LakeError [FORBIDDEN]: max@contoso.com may not read sales/2025/01.csv in raw @ contosolake (403)",
    '  Needs the role "Storage Blob Data Reader"; Owner does not include data access.',
    "  Someone who may assign roles there runs",
    '    az role assignment create --role "Storage Blob Data Reader" \\',
    expect.stringMatching(/^ {6}--assignee-object-id [0-9a-f-]{36} \\$/),
    "      --assignee-principal-type User \\",
    '      --scope "$(az storage account show --name contosolake \\',
    '      --query id --output tsv)/blobServices/default/containers/raw"',
  ]);
  const list = await failure(collect(max.open("raw").list()));
  expect(list.message).toContain("max@contoso.com may not list raw @ contosolake (403)");
  const write = await failure(max.open("raw").write("a.csv", "x"));
  expect(write.code).toBe("FORBIDDEN");
});

test("a token for another service is named by its audience", async () => {
  const credential = ada.withScope(ada.cloud.scopes.management);
  const error = await failure(ada.open("raw", { credential }).read("sales/2025/01.csv"));
  expect(error.toString()).toBe(
    "LakeError [UNAUTHENTICATED]: contosolake does not accept ada@contoso.com (401)\n" +
      "  Its token is for https://management.azure.com; " +
      "the lake wants one for https://storage.azure.com.",
  );
});

describe("a token that does not hold", () => {
  test("is called expired when it is", async () => {
    const claims = { aud: "https://storage.azure.com", upn: "ada@contoso.com", exp: 1_700_000_000 };
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const token = `${part({ alg: "RS256" })}.${part(claims)}.${Buffer.alloc(256).toString("base64url")}`;
    const credential = {
      getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }),
    };
    const error = await failure(ada.open("raw", { credential }).stat("sales"));
    expect(error).toMatchObject({ code: "UNAUTHENTICATED", status: 401 });
    expect(error.hint).toBe("Its token expired at 2023-11-14T22:13:20.000Z. Sign in again.");
  });

  test("is never shown, wherever an error is printed", async () => {
    const token = "opaque-token-0123456789";
    const credential = {
      getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }),
    };
    const error = await failure(ada.open("raw", { credential }).write("a", "x"));
    expect(error.message).toContain("this sign-in");
    const { inspect } = await import("node:util");
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(token);
    expect(JSON.stringify(error)).not.toContain(token);
    // The request that failed, and with it the token, is not even reachable.
    expect(error.cause).not.toHaveProperty("request.url");
    expect(error.cause).not.toHaveProperty("response.status");
  });
});

test("a service that is gone is unreachable, and says so", async () => {
  const loopback = { port: 1, ca: "", metadata: "http://127.0.0.1:1" };
  const gone = { ...ada.cloud, loopback };
  const lake = openLakeIn(gone, "raw", {
    credential: ada.user,
    retryPolicy: { tries: 2, firstWait: 1 },
  });
  const error = await failure(lake.read("a"));
  expect(error).toMatchObject({ code: "UNREACHABLE" });
  expect(error.hint).toContain("practice cloud");
});

test("a practice lake is only ever reached on its own port of this machine", async () => {
  expect(() => ada.open("https://contosolake.dfs.core.windows.net:444/raw")).toThrow(
    "not a lake URL",
  );
  // A credential that leads elsewhere cannot: the connection is made here, whatever the name is.
  const lake = ada.open("abfss://raw@elsewhere.dfs.core.windows.net/");
  const error = await failure(lake.read("a"));
  expect(error.code).toBe("ACCOUNT_NOT_FOUND");
});

test("nobody signed in is said before anything is sent", () => {
  expect(() => openLakeIn(ada.cloud, "raw", {})).toThrow("nobody is signed in to contosolake");
  expect(() => ada.open("abfss://raw@contosolake.dfs.core.windows.net/sales")).toThrow("is inside");
});
