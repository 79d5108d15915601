import { request as send } from "node:https";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ACCOUNT, type ServedLake, serveLake } from "./served-lake.ts";

let lake: ServedLake;

beforeAll(async () => {
  lake = await serveLake({
    "raw/ten.txt": "0123456789",
    "raw/dir/a.txt": "a",
    "raw/empty.txt": "",
  });
});
afterAll(() => lake.close());

const XML = { accept: "application/xml" };
const JSON_ = { accept: "application/json" };

describe("every answer", () => {
  test("has Azure's headers and names the request", async () => {
    const headers = { "x-ms-version": "2021-06-08", "x-ms-client-request-id": "mine-1" };
    const answer = await lake.send({ target: "/raw/ten.txt", headers });
    expect(answer.headers).toMatchObject({
      "x-ms-version": "2021-06-08",
      "x-ms-client-request-id": "mine-1",
      "x-ms-request-id": expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      etag: expect.stringMatching(/^"0x[0-9A-F]{15}"$/),
      "last-modified": expect.stringMatching(/ GMT$/),
      "content-type": "application/octet-stream",
      "accept-ranges": "bytes",
      "x-ms-blob-type": "BlockBlob",
      "x-ms-resource-type": "file",
    });
  });

  test("speaks the dialect of its host, and of what the client can read on a shared one", async () => {
    const host = (dialect: string) => `${ACCOUNT}.${dialect}.core.windows.net`;
    const target = "/raw/none.txt";
    const dfs = await lake.send({ target, host: host("dfs") });
    const blob = await lake.send({ target, host: host("blob") });
    expect(JSON.parse(dfs.body.toString()).error.code).toBe("PathNotFound");
    expect(blob.body.toString()).toContain("<Code>BlobNotFound</Code>");
    expect((await lake.send({ target, headers: XML })).body.toString()).toContain(
      "<Code>BlobNotFound",
    );
    expect((await lake.send({ target, headers: JSON_ })).body.toString()).toContain(
      '"PathNotFound"',
    );
  });
});

describe("conditions", () => {
  const star = { "if-none-match": "*" };
  const holds = async (
    method: string,
    target: string,
    headers: Readonly<Record<string, string>>,
  ) => {
    const answer = await lake.send({ method, target, headers, body: "" });
    return [answer.status, answer.headers["x-ms-error-code"]];
  };
  const BLOB = { "x-ms-blob-type": "BlockBlob" };

  test("that nothing may be there are refused by what the write does", async () => {
    const acl = { "x-ms-acl": "user::rwx,group::r--,other::---", ...star };
    expect(await holds("PUT", "/raw/ten.txt?resource=file", star)).toEqual([
      409,
      "PathAlreadyExists",
    ]);
    expect(await holds("PUT", "/raw/ten.txt", { ...BLOB, ...star })).toEqual([
      409,
      "BlobAlreadyExists",
    ]);
    expect(await holds("PATCH", "/raw/ten.txt?action=setAccessControl", acl)).toEqual([
      412,
      "ConditionNotMet",
    ]);
    expect(await holds("PATCH", "/raw/ten.txt?action=flush&position=10", star)).toEqual([
      304,
      "ConditionNotMet",
    ]);
    expect(await holds("GET", "/raw/ten.txt", star)).toEqual([304, "ConditionNotMet"]);
  });

  test("that nothing may be there give way to a lease, and a lost one says that it is", async () => {
    const id = "11111111-2222-3333-4444-555555555555";
    await holds("PUT", "/raw/leased", BLOB);
    const lease = (action: string, headers = {}) =>
      holds("PUT", "/raw/leased?comp=lease", { "x-ms-lease-action": action, ...headers });
    await lease("acquire", { "x-ms-lease-duration": "-1", "x-ms-proposed-lease-id": id });
    const put = () => holds("PUT", "/raw/leased", { ...BLOB, ...star, "x-ms-lease-id": id });
    expect(await put()).toEqual([201, undefined]);
    await lease("break", { "x-ms-lease-break-period": "0" });
    expect(await put()).toEqual([412, "LeaseLost"]);
  });
});

test("a file made anew gets the permissions that are asked for", async () => {
  const make = (headers: Readonly<Record<string, string>>) =>
    lake.send({ method: "PUT", target: "/raw/anew?resource=file", headers, body: "" });
  const seen = async () =>
    (await lake.send({ method: "HEAD", target: "/raw/anew" })).headers["x-ms-permissions"];
  await make({});
  await make({ "x-ms-permissions": "0777", "x-ms-umask": "0022" });
  expect(await seen()).toBe("rwxr-xr-x");
  await make({});
  expect(await seen()).toBe("rwxr-xr-x");
});

test("only what a request may do by its method is done", async () => {
  const headers = { "x-http-method-override": "DELETE" };
  expect((await lake.send({ target: "/raw/dir/a.txt", headers })).status).toBe(200);
  expect((await lake.send({ target: "/raw/dir/a.txt" })).body.toString()).toBe("a");
});

describe("a refusal", () => {
  test.each([
    ["no authorization", "nobody", "NoAuthenticationInformation"],
    ["a token that does not hold", "stranger", "InvalidAuthenticationInfo"],
  ])("of %s challenges the client", async (_name, as, code) => {
    const answer = await lake.send({ target: "/raw/ten.txt", as: as as "nobody" });
    expect(answer.status).toBe(401);
    expect(answer.headers["x-ms-error-code"]).toBe(code);
    expect(answer.headers["www-authenticate"]).toMatch(
      /^Bearer authorization_uri=https:\/\/\S+ resource_id=https:\/\/storage\.azure\.com$/,
    );
  });

  test.each([
    ["GET", "/nothere/x", 404, "FilesystemNotFound"],
    ["GET", "/raw?resource=filesystem", 400, "MissingRequiredQueryParameter"],
    ["GET", "/raw?resource=filesystem&recursive=maybe", 400, "InvalidQueryParameterValue"],
    [
      "GET",
      "/raw?resource=filesystem&recursive=true&maxResults=0",
      400,
      "InvalidQueryParameterValue",
    ],
    [
      "GET",
      "/raw?resource=filesystem&recursive=true&continuation=!",
      400,
      "InvalidQueryParameterValue",
    ],
    ["GET", "/raw?resource=filesystem&recursive=true&directory=none", 404, "PathNotFound"],
    ["PUT", "/raw/x?resource=link", 400, "InvalidQueryParameterValue"],
    ["PUT", "/raw/dir?resource=file", 409, "PathConflict"],
    ["PUT", "/raw/ten.txt?resource=directory", 409, "PathConflict"],
    ["PUT", "/raw/ten.txt/below?resource=file", 409, "PathConflict"],
    ["PATCH", "/raw/ten.txt?action=append", 400, "MissingRequiredQueryParameter"],
    ["PATCH", "/raw/ten.txt?action=append&position=-1", 400, "InvalidQueryParameterValue"],
    ["PATCH", "/raw/ten.txt?action=flush&position=99", 400, "InvalidFlushPosition"],
    ["PATCH", "/raw/none?action=append&position=0", 404, "PathNotFound"],
    ["PATCH", "/raw/dir?action=append&position=0", 409, "PathConflict"],
    ["PATCH", "/raw/ten.txt?action=levitate", 400, "InvalidQueryParameterValue"],
    ["POST", "/raw/ten.txt?resource=file", 400, "UnsupportedQueryParameter"],
    ["DELETE", "/raw/dir?recursive=false", 409, "DirectoryNotEmpty"],
    ["DELETE", "/?resource=account", 400, "InvalidUri"],
  ])("%s %s: %i %s", async (method, target, status, code) => {
    const answer = await lake.send({ method, target, headers: JSON_, body: "" });
    expect([answer.status, answer.headers["x-ms-error-code"]]).toEqual([status, code]);
    expect(JSON.parse(answer.body.toString())).toMatchObject({ error: { code } });
  });

  test("in the middle of an upload reaches the client, and the connection goes on", async () => {
    const body = Buffer.alloc(20_000_000);
    const headers = { "x-ms-blob-type": "BlockBlob" };
    const answer = await lake.send({
      method: "PUT",
      target: "/raw/big",
      as: "reader",
      headers,
      body,
    });
    expect([answer.status, answer.headers["x-ms-error-code"]]).toEqual([
      403,
      "AuthorizationPermissionMismatch",
    ]);
  });

  test("to HEAD has its code in the header and no body", async () => {
    const answer = await lake.send({ method: "HEAD", target: "/raw/none.txt", headers: XML });
    expect([answer.status, answer.headers["x-ms-error-code"], answer.body.length]).toEqual([
      404,
      "BlobNotFound",
      0,
    ]);
  });
});

describe("a range", () => {
  test.each([
    ["bytes=0-3", 206, "0123", "bytes 0-3/10"],
    ["bytes=8-", 206, "89", "bytes 8-9/10"],
    ["bytes=8-99", 206, "89", "bytes 8-9/10"],
    ["bytes=10-", 416, undefined, "bytes */10"],
    ["bytes=5-4", 416, undefined, "bytes */10"],
  ])("%s", async (range, status, body, contentRange) => {
    for (const name of ["range", "x-ms-range"]) {
      const answer = await lake.send({ target: "/raw/ten.txt", headers: { [name]: range } });
      expect([answer.status, answer.headers["content-range"]]).toEqual([status, contentRange]);
      if (body !== undefined) expect(answer.body.toString()).toBe(body);
      else expect(answer.headers["x-ms-error-code"]).toBe("InvalidRange");
    }
  });

  test("that Azure does not know is ignored, or refused in Azure's own header", async () => {
    const plain = await lake.send({ target: "/raw/ten.txt", headers: { range: "bytes=-3" } });
    expect([plain.status, plain.body.toString()]).toEqual([200, "0123456789"]);
    const own = await lake.send({ target: "/raw/ten.txt", headers: { "x-ms-range": "bytes=-3" } });
    expect([own.status, own.headers["x-ms-error-code"]]).toEqual([400, "InvalidHeaderValue"]);
  });

  test("of an empty file is none", async () => {
    const answer = await lake.send({ target: "/raw/empty.txt", headers: { range: "bytes=0-" } });
    expect(answer.status).toBe(416);
    expect((await lake.send({ target: "/raw/empty.txt" })).status).toBe(200);
  });

  test("carries its own checksum when asked", async () => {
    const headers = { range: "bytes=0-3", "x-ms-range-get-content-md5": "true" };
    const answer = await lake.send({ target: "/raw/ten.txt", headers });
    expect(answer.headers["content-md5"]).toBe("62L2uTBttXXC1ZaxJ5YnpA==");
  });
});

test("PATCH may come as PUT with an override, as Hadoop's client sends it", async () => {
  await lake.send({ method: "PUT", target: "/raw/hadoop?resource=file", body: "" });
  const headers = { "x-http-method-override": "PATCH" };
  const target = "/raw/hadoop?action=append&position=0&flush=true";
  const answer = await lake.send({ method: "PUT", target, headers, body: "abc" });
  expect(answer.status).toBe(202);
  expect((await lake.send({ target: "/raw/hadoop" })).body.toString()).toBe("abc");
});

describe("appends", () => {
  const append = (position: number, body: string) =>
    lake.send({ method: "PATCH", target: `/raw/parts?action=append&position=${position}`, body });
  const flush = (position: number, more = "") =>
    lake.send({
      method: "PATCH",
      target: `/raw/parts?action=flush&position=${position}${more}`,
      body: "",
    });
  const create = () => lake.send({ method: "PUT", target: "/raw/parts?resource=file", body: "" });

  test("may come in any order, and are flushed when they join", async () => {
    await create();
    await append(6, "ghi");
    await append(0, "abc");
    expect((await flush(9)).headers["x-ms-error-code"]).toBe("InvalidFlushPosition");
    await append(3, "def");
    expect((await flush(6, "&retainUncommittedData=true")).status).toBe(200);
    expect((await lake.send({ target: "/raw/parts" })).body.toString()).toBe("abcdef");
    expect((await flush(9)).status).toBe(200);
    expect((await lake.send({ target: "/raw/parts" })).body.toString()).toBe("abcdefghi");
  });

  test("beyond what is flushed are dropped, and what is flushed stays", async () => {
    await create();
    await append(0, "abcdef");
    expect((await flush(4)).status).toBe(200);
    expect((await flush(6)).headers["x-ms-error-code"]).toBe("InvalidFlushPosition");
    expect((await append(2, "XYZ")).status).toBe(202);
    expect((await flush(5)).status).toBe(200);
    expect((await lake.send({ target: "/raw/parts" })).body.toString()).toBe("abcdZ");
  });

  test("of a body that breaks off leave nothing", async () => {
    await create();
    await append(0, "abc");
    await new Promise<void>((resolve) => {
      const { port, ca } = lake;
      const options = {
        host: "127.0.0.1",
        port,
        ca,
        method: "PATCH",
        path: `/${ACCOUNT}/raw/parts?action=append&position=3`,
        headers: { authorization: "Bearer owner", "content-length": 1_000_000 },
      };
      const request = send(options);
      request.on("error", () => resolve());
      request.write("x".repeat(500_000), () => setTimeout(() => request.destroy(), 50));
    });
    expect((await flush(3)).status).toBe(200);
    expect((await lake.send({ target: "/raw/parts" })).body.toString()).toBe("abc");
  });

  test("hold to their checksum", async () => {
    await create();
    const answer = await lake.send({
      method: "PATCH",
      target: "/raw/parts?action=append&position=0",
      headers: { "content-md5": "AAAAAAAAAAAAAAAAAAAAAA==" },
      body: "abc",
    });
    expect([answer.status, answer.headers["x-ms-error-code"]]).toEqual([400, "Md5Mismatch"]);
    expect((await flush(0)).status).toBe(200);
  });
});

describe("a listing of paths", () => {
  const names = async (query: string) => {
    const answer = await lake.send({ target: `/raw?resource=filesystem&${query}` });
    const { paths } = JSON.parse(answer.body.toString()) as { paths: { name: string }[] };
    return paths.map(({ name }) => name);
  };

  test("begins where it is told to", async () => {
    await lake.send({ method: "PUT", target: "/raw/list/b/c?resource=file", body: "" });
    await lake.send({ method: "PUT", target: "/raw/list/a?resource=file", body: "" });
    await lake.send({ method: "PUT", target: "/raw/list/d?resource=file", body: "" });
    expect(await names("directory=list&recursive=true&beginFrom=b")).toEqual([
      "list/b",
      "list/b/c",
      "list/d",
    ]);
    expect(await names("directory=list&recursive=true&beginFrom=b/c")).toEqual([
      "list/b/c",
      "list/d",
    ]);
    expect(await names("directory=list&recursive=false&beginFrom=bb")).toEqual(["list/d"]);
  });

  test("of a file is the file", async () => {
    expect(await names("directory=ten.txt&recursive=false")).toEqual(["ten.txt"]);
  });

  test("has values as text, times as Windows counts them", async () => {
    const answer = await lake.send({
      target: "/raw?resource=filesystem&recursive=false&directory=dir",
    });
    const { paths } = JSON.parse(answer.body.toString());
    expect(paths).toEqual([
      {
        contentLength: "1",
        creationTime: expect.stringMatching(/^1[3-4]\d{16}$/),
        etag: expect.stringMatching(/^0x[0-9A-F]+$/),
        group: "$superuser",
        lastModified: expect.stringMatching(/ GMT$/),
        name: "dir/a.txt",
        owner: "$superuser",
        permissions: "rw-r-----",
      },
    ]);
  });
});
