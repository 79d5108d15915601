import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Person, type ServedLake, serveLake } from "./served-lake.ts";

let lake: ServedLake;

beforeAll(async () => {
  lake = await serveLake();
  lake.lake.createAccount("oldlake", "gen1");
});
afterAll(() => lake.close());

interface Gen1Call {
  readonly as?: Person | "nobody";
  readonly body?: string;
  readonly folder?: string;
}

/** One WebHDFS request; ada owns the account. */
async function call(method: string, path: string, query: string, options: Gen1Call = {}) {
  const { as = "ada", body, folder = "webhdfs/v1" } = options;
  const answer = await lake.send({
    method,
    target: `/${folder}${path}?${query}&api-version=2018-09-01`,
    host: "oldlake.azuredatalakestore.net",
    as,
    ...(body === undefined ? {} : { body }),
  });
  const text = answer.body.toString();
  const isJson = answer.headers["content-type"]?.includes("json");
  return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(text) : text };
}

const put = (path: string, content: string, query = "") =>
  call("PUT", path, `op=CREATE&write=true${query}`, { body: content });
const open = async (path: string, query = "") =>
  (await call("GET", path, `op=OPEN&read=true${query}`)).body;
const list = async (path: string, query = "") =>
  (await call("GET", path, `op=LISTSTATUS${query}`)).body.FileStatuses;
const names = (statuses: { FileStatus: { pathSuffix: string }[] }) =>
  statuses.FileStatus.map(({ pathSuffix }) => pathSuffix);

describe("Gen1", () => {
  test("makes, lists and describes", async () => {
    expect(await call("PUT", "/a/b", "op=MKDIRS&permission=755")).toMatchObject({
      status: 200,
      body: { boolean: true },
    });
    expect((await put("/a/f.txt", "hello")).status).toBe(201);
    expect(await list("/a")).toMatchObject({
      FileStatus: [
        { pathSuffix: "b", type: "DIRECTORY", length: 0, permission: "755" },
        { pathSuffix: "f.txt", type: "FILE", length: 5, permission: "770", owner: "id-of-ada" },
      ],
      continuationToken: "",
    });
    const status = await call("GET", "//a/f.txt", "OP=GETFILESTATUS");
    expect(status.body.FileStatus).toMatchObject({ type: "FILE", length: 5, pathSuffix: "" });
    const summary = await call("GET", "/a", "op=GETCONTENTSUMMARY");
    expect(summary.body.ContentSummary).toMatchObject({
      directoryCount: 2,
      fileCount: 1,
      length: 5,
    });
  });

  test("lists page by page", async () => {
    for (const name of ["1", "2", "3"]) await put(`/pages/${name}`, "");
    const first = await list("/pages", "&listSize=2");
    expect([names(first), first.continuationToken]).toEqual([["1", "2"], "2"]);
    expect(names(await list("/pages", "&listSize=2&listAfter=2"))).toEqual(["3"]);
  });

  test("reads parts, appends at the end only", async () => {
    await put("/parts.txt", "0123456789");
    expect(await open("/parts.txt", "&offset=2&length=3")).toBe("234");
    const atEnd = "op=APPEND&append=true&offset=10&syncFlag=CLOSE";
    const appended = await call("POST", "/parts.txt", atEnd, { body: "ab" });
    expect(appended.status).toBe(200);
    expect(await open("/parts.txt")).toBe("0123456789ab");
    expect(
      await call("POST", "/parts.txt", "op=APPEND&append=true&offset=3", { body: "x" }),
    ).toMatchObject({
      status: 400,
      body: { RemoteException: { exception: "BadOffsetException" } },
    });
  });

  test("lets one of two appends to the same place through", async () => {
    await put("/race.txt", "");
    const append = (body: string) =>
      call("POST", "/race.txt", "op=APPEND&append=true&offset=0", { body });
    const answers = await Promise.all([append("a".repeat(50_000)), append("b".repeat(50_000))]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
    expect(await open("/race.txt")).toMatch(/^(a{50000}|b{50000})$/);
  });

  test("sends a client that is not ready for data to where it goes", async () => {
    await put("/ready.txt", "r");
    const answer = await call("GET", "/ready.txt", "op=OPEN");
    expect(answer.status).toBe(307);
    expect(answer.headers.location).toMatch(/op=OPEN.*&read=true$/);
  });

  test("renames, into a directory too, never over a file", async () => {
    await put("/from.txt", "1");
    await put("/other.txt", "2");
    await call("PUT", "/dir", "op=MKDIRS");
    const rename = async (from: string, to: string) =>
      (await call("PUT", from, `op=RENAME&destination=${encodeURIComponent(to)}`)).body.boolean;
    expect(await rename("/from.txt", "/other.txt")).toBe(false);
    expect(await rename("/from.txt", "/dir")).toBe(true);
    expect(await open("/dir/from.txt")).toBe("1");
    expect(await rename("/dir", "/dir/inside")).toBe(false);
    expect(await rename("/dir", "/no/such/parent")).toBe(false);
    expect(await rename("/dir", "/dir2")).toBe(true);
    expect(names(await list("/dir2"))).toEqual(["from.txt"]);
  });

  test("joins files; what was joined is gone", async () => {
    for (const name of ["1", "2", "3"]) await put(`/join/${name}`, name.repeat(3));
    expect((await call("POST", "/join/1", "op=CONCAT&sources=/join/2,/join/3")).status).toBe(200);
    expect(await open("/join/1")).toBe("111222333");
    expect(names(await list("/join"))).toEqual(["1"]);
    await put("/parts/x", "x");
    await put("/parts/y", "y");
    const joined = await call("POST", "/whole", "op=MSCONCAT&deleteSourceDirectory=true", {
      body: JSON.stringify({ sources: ["/parts/y", "/parts/x"] }),
    });
    expect(joined.status).toBe(200);
    expect(await open("/whole")).toBe("yx");
    expect((await call("GET", "/parts", "op=GETFILESTATUS")).status).toBe(404);
  });

  test("ends files by itself, by the extension's own address", async () => {
    await put("/brief", "x");
    const soon = "op=SETEXPIRY&expiryOption=RelativeToNow&expireTime=200";
    const set = await call("PUT", "/brief", soon, { folder: "WebHdfsExt" });
    expect(set.status).toBe(200);
    const gone = async () => (await call("GET", "/brief", "op=GETFILESTATUS")).status;
    await expect.poll(gone).toBe(404);
  });

  test("keeps access lists, and holds everybody but the account's owner to them", async () => {
    await put("/acl/f", "secret");
    const as = { as: "bob" } as const;
    const denied = {
      status: 403,
      body: { RemoteException: { exception: "AccessControlException" } },
    };
    expect(await call("GET", "/acl/f", "op=OPEN&read=true", as)).toMatchObject(denied);
    const modify = (path: string, spec: string) =>
      call("PUT", path, `op=MODIFYACLENTRIES&aclspec=${encodeURIComponent(spec)}`);
    await modify("/", "user:id-of-bob:--x");
    await modify("/acl", "user:id-of-bob:--x");
    expect((await modify("/acl/f", "user:id-of-bob:r--")).status).toBe(200);
    expect((await call("GET", "/acl/f", "op=OPEN&read=true", as)).body).toBe("secret");
    expect((await call("GET", "/acl/f", "op=GETACLSTATUS")).body.AclStatus).toMatchObject({
      entries: ["user:id-of-bob:r--", "group::rwx"],
      permission: "770",
      owner: "id-of-ada",
    });
    expect((await call("GET", "/acl/f", "op=CHECKACCESS&fsaction=r--", as)).status).toBe(200);
    expect(await call("GET", "/acl/f", "op=CHECKACCESS&fsaction=-w-", as)).toMatchObject(denied);
    await call("PUT", "/acl/f", "op=REMOVEACL");
    expect(await call("GET", "/acl/f", "op=OPEN&read=true", as)).toMatchObject(denied);
    expect((await call("PUT", "/acl/f", "op=SETPERMISSION&permission=777")).status).toBe(200);
    expect((await call("GET", "/acl/f", "op=OPEN&read=true", as)).body).toBe("secret");
    await call("PUT", "/acl/f", "op=SETOWNER&owner=id-of-bob");
    const status = await call("GET", "/acl/f", "op=GETFILESTATUS");
    expect(status.body.FileStatus.owner).toBe("id-of-bob");
  });

  test.each([
    ["missing", "GET", "/missing", "op=GETFILESTATUS", 404, "FileNotFoundException"],
    ["exists", "PUT", "/exists", "op=CREATE&write=true", 403, "FileAlreadyExistsException"],
    ["full", "DELETE", "/full", "op=DELETE", 403, "IOException"],
    ["unknown", "GET", "/exists", "op=FORMAT", 400, "UnsupportedOperationException"],
    ["no number", "GET", "/exists", "op=OPEN&read=true&offset=x", 400, "IllegalArgumentException"],
    [
      "out of the lake",
      "GET",
      "/../../etc/passwd",
      "op=OPEN&read=true",
      400,
      "IllegalArgumentException",
    ],
  ])("refuses as WebHDFS does: %s", async (_name, method, path, query, status, exception) => {
    await put("/exists", "x", "&overwrite=true");
    await put("/full/x", "x", "&overwrite=true");
    expect(await call(method, path, query)).toMatchObject({
      status,
      body: {
        RemoteException: { exception, javaClassName: expect.stringMatching(`.${exception}$`) },
      },
    });
  });

  test("wants a token", async () => {
    const answer = await call("GET", "/", "op=LISTSTATUS", { as: "nobody" });
    expect(answer).toMatchObject({
      status: 401,
      body: { RemoteException: { exception: "SecurityException" } },
    });
    expect(answer.headers["www-authenticate"]).toMatch(/^Bearer authorization_uri=/);
  });

  test("is found on a loopback address with and without the account's name", async () => {
    expect(lake.lake.find("/webhdfs/v1/a")).toMatchObject({ account: "oldlake", dialect: "gen1" });
    expect(lake.lake.find("/oldlake/webhdfs/v1/a")).toEqual({
      account: "oldlake",
      path: "/webhdfs/v1/a",
      dialect: "gen1",
    });
    expect(lake.lake.hasAccount("oldlake")).toBe(false);
  });
});
