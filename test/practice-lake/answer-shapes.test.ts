import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { blobClient, type RawRequest, type ServedLake, serveLake } from "./served-lake.ts";

let lake: ServedLake;
beforeAll(async () => {
  lake = await serveLake({ "raw/a.txt": "0123456789", "raw/d/b.txt": "b" });
});
afterAll(() => lake.close());

type Headers = Readonly<Record<string, string>>;
const ask = async (method: string, target: string, headers: Headers = {}, body = "") => {
  const request: RawRequest = { method, target, headers };
  const answer = await lake.send(method === "GET" ? request : { ...request, body });
  const code = answer.headers["x-ms-error-code"];
  return { ...answer, outcome: [answer.status, code], text: answer.body.toString() };
};
const BLOB = { "x-ms-blob-type": "BlockBlob" };
const LIST = "/raw?restype=container&comp=list";
const ACL = "/raw?restype=container&comp=acl";
const XML = { accept: "application/xml" };

describe("documents", () => {
  test("begin with a byte order mark, listings and refusals too", async () => {
    for (const target of [LIST, "/?comp=list", ACL, "/none?restype=container&comp=list"]) {
      expect((await ask("GET", target)).body.subarray(0, 3).toString("hex")).toBe("efbbbf");
    }
  });

  test("of blobs have the service's elements in its order", async () => {
    const { text } = await ask("GET", `${LIST}&prefix=a&maxresults=3`);
    expect(text).toContain("<Prefix>a</Prefix><MaxResults>3</MaxResults><Blobs>");
    expect(text).toMatch(
      /<Content-Language \/><Content-CRC64 \/><Content-MD5 ?\/?>.*<Cache-Control \/><Content-Disposition \/><BlobType>/,
    );
    expect(text).toContain("</Properties><OrMetadata /></Blob>");
  });

  test("name the header that is wrong, and its value", async () => {
    const { text, outcome } = await ask("GET", "/raw/a.txt", { "x-ms-range": "lines=1", ...XML });
    expect(outcome).toEqual([400, "InvalidHeaderValue"]);
    expect(text).toContain(
      "<HeaderName>x-ms-range</HeaderName><HeaderValue>lines=1</HeaderValue></Error>",
    );
    expect(text).toMatch(/<Message>[^<[\]]*\nRequestId:[-0-9a-f]+\nTime:[^<]*<\/Message>/);
  });

  test("of policies give times to 100 ns", async () => {
    const policy = (time: string) =>
      `<SignedIdentifiers><SignedIdentifier><Id>one</Id><AccessPolicy><Start>${time}</Start><Permission>r</Permission></AccessPolicy></SignedIdentifier></SignedIdentifiers>`;
    for (const [given, shown] of [
      ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.0000000Z"],
      ["2026-01-02", "2026-01-02T00:00:00.0000000Z"],
      ["2026-01-02T03:04:05.1234567Z", "2026-01-02T03:04:05.1234567Z"],
    ] as const) {
      expect((await ask("PUT", ACL, {}, policy(given))).status).toBe(200);
      expect((await ask("GET", ACL)).text).toContain(policy(shown));
    }
  });
});

describe("headers", () => {
  test("of listings, recursive access lists and renames tell no version", async () => {
    await ask("PUT", "/raw/from?resource=file");
    const acl = { "x-ms-acl": "user::rwx,group::r-x,other::---" };
    const answers = [
      await ask("GET", "/raw?resource=filesystem&recursive=true"),
      await ask("PATCH", "/raw/d?action=setAccessControlRecursive&mode=set", acl),
      await ask("PUT", "/raw/to", { "x-ms-rename-source": "/raw/from" }),
    ];
    for (const { status, headers } of answers) {
      expect(status).toBeLessThan(300);
      expect([headers.etag, headers["last-modified"]]).toEqual([undefined, undefined]);
    }
  });

  test("speak of directories in one of the two dialects only", async () => {
    const dfs = await ask("HEAD", "/raw?resource=filesystem");
    const blob = await ask("HEAD", "/raw?restype=container");
    expect(dfs.headers["x-ms-namespace-enabled"]).toBe("true");
    expect(blob.headers["x-ms-namespace-enabled"]).toBeUndefined();
  });

  test("give the access list with a file, read or not", async () => {
    for (const method of ["GET", "HEAD"]) {
      const { headers } = await ask(method, "/raw/a.txt");
      expect(headers["x-ms-acl"]).toBe("user::rw-,group::r--,other::---");
    }
  });

  test("name owners as people where that is asked for", async () => {
    await ask("PUT", "/raw/owned?resource=file");
    const seen = async (headers: Headers) =>
      (await ask("HEAD", "/raw/owned", { ...XML, ...headers })).headers["x-ms-owner"];
    expect(await seen({})).toBe("id-of-owner");
    expect(await seen({ "x-ms-upn": "true" })).toBe("owner@contoso.com");
  });
});

describe("a deleted path", () => {
  test("has an id of 18 digits, and listings of what is deleted come in pages", async () => {
    await blobClient(lake).setProperties({ deleteRetentionPolicy: { enabled: true, days: 1 } });
    const paths = ["gone/1", "gone/2", "gone/3"];
    for (const path of paths) {
      await ask("PUT", `/raw/${path}?resource=file`);
      const { headers } = await ask("DELETE", `/raw/${path}`, XML);
      expect(headers["x-ms-deletion-id"]).toMatch(/^\d{18}$/);
    }
    const names: (string | undefined)[] = [];
    let marker: string | undefined = "";
    let pages = 0;
    while (marker !== undefined && pages < 9) {
      const { text } = await ask("GET", `${LIST}&showonly=deleted&maxresults=2&marker=${marker}`);
      names.push(...[...text.matchAll(/<Name>([^<]*)/g)].map(([, name]) => name));
      marker = /<NextMarker>([^<]+)/.exec(text)?.[1];
      pages++;
    }
    expect([names, pages]).toEqual([paths, 2]);
    await blobClient(lake).setProperties({ deleteRetentionPolicy: { enabled: false } });
  });
});

describe("names that cannot be are refused for what they are", () => {
  test.each([
    ["GET", "/Raw/a.txt", "InvalidResourceName"],
    ["GET", "/ra--w?restype=container&comp=list", "InvalidResourceName"],
    ["HEAD", "/a?resource=filesystem", "OutOfRangeInput"],
    ["PUT", "/raw_1/x?resource=file", "InvalidResourceName"],
    ["DELETE", "/Raw?restype=container", "InvalidResourceName"],
  ])("%s %s: %s", async (method, target, code) => {
    expect((await ask(method, target)).outcome).toEqual([400, code]);
  });

  test.each([
    ["that is no identifier", { "x-ms-meta-1a": "1" }, "InvalidMetadata"],
    ["with no name", { "x-ms-meta-": "1" }, "EmptyMetadataKey"],
    ["over 8 KiB", { "x-ms-meta-a": "x".repeat(8_192) }, "MetadataTooLarge"],
  ])("metadata %s", async (_name, headers, code) => {
    const put = await ask("PUT", "/raw/a.txt?comp=metadata", headers);
    expect(put.outcome).toEqual([400, code]);
  });
});

describe("policies of soft delete", () => {
  const set = (policy: string) =>
    ask(
      "PUT",
      "/?restype=service&comp=properties",
      {},
      `<StorageServiceProperties><DeleteRetentionPolicy>${policy}</DeleteRetentionPolicy></StorageServiceProperties>`,
    );
  test.each([
    ["", 27, "Enabled"],
    ["<Enabled>true</Enabled>", 27, "Days"],
    ["<Enabled>true</Enabled><Days>366</Days>", 73, "Days"],
    ["<Enabled>true</Enabled><Days>0</Days>", 73, "Days"],
    ["<Enabled>yes</Enabled><Days>1</Days>", 50, "Enabled"],
  ])("%j is refused at position %i", async (policy, position, word) => {
    const { outcome, text } = await set(policy);
    expect(outcome).toEqual([400, "InvalidXmlDocument"]);
    expect(text).toContain(
      `<LineNumber>1</LineNumber><LinePosition>${position}</LinePosition><Reason>${word}`,
    );
  });
});

describe("what accounts with directories do not do is refused as such", () => {
  test.each<[string, string, Headers]>([
    ["PUT", "/raw/a.txt?comp=tags", {}],
    ["GET", "/raw/a.txt?comp=tags", {}],
    ["PUT", "/raw/a.txt?comp=page", {}],
    ["PUT", "/raw/a.txt?comp=legalhold", {}],
    ["PUT", "/raw/p", { "x-ms-blob-type": "PageBlob" }],
    ["GET", `${LIST}&include=metadata,tags`, {}],
  ])("%s %s %j", async (method, target, headers) => {
    expect((await ask(method, target, headers)).outcome).toEqual([
      409,
      "FeatureNotYetSupportedForHierarchicalNamespaceAccounts",
    ]);
  });

  test("and what no listing knows is a mistake", async () => {
    expect((await ask("GET", `${LIST}&include=nothing`)).outcome[1]).toBe(
      "InvalidQueryParameterValue",
    );
    expect((await ask("GET", `${LIST}&showonly=nothing`)).outcome[1]).toBe(
      "InvalidQueryParameterValue",
    );
  });
});

describe("appends", () => {
  const append = (path: string, position: number, body: string, headers: Headers = {}) =>
    ask("PATCH", `/raw/${path}?action=append&position=${position}`, headers, body);
  const flush = (path: string, position: number) =>
    ask("PATCH", `/raw/${path}?action=flush&position=${position}`);

  test("below the end of a file are taken, and what is not flushed is dropped", async () => {
    await ask("PUT", "/raw/log?resource=file");
    await append("log", 0, "abcdef");
    expect((await flush("log", 4)).status).toBe(200);
    expect((await append("log", 0, "xxxx")).status).toBe(202);
    expect((await ask("GET", "/raw/log")).text).toBe("abcd");
    expect((await flush("log", 6)).outcome).toEqual([400, "InvalidFlushPosition"]);
    expect((await append("log", 2, "..EF")).status).toBe(202);
    expect((await flush("log", 6)).status).toBe(200);
    expect((await ask("GET", "/raw/log")).text).toBe("abcdEF");
  });
});

describe("content headers", () => {
  test("that are not named are taken away, the type too", async () => {
    const type = { "x-ms-blob-content-type": "text/plain", "x-ms-blob-cache-control": "no-store" };
    await ask("PUT", "/raw/typed", { ...BLOB, ...type });
    await ask("PUT", "/raw/typed?comp=properties");
    const { headers } = await ask("HEAD", "/raw/typed");
    expect([headers["content-type"], headers["cache-control"]]).toEqual([undefined, undefined]);
  });

  test("of a rename replace those that it names", async () => {
    const type = { "x-ms-content-type": "text/plain", "x-ms-cache-control": "no-store" };
    await ask("PUT", "/raw/typed-from?resource=file", type);
    const rename = { "x-ms-rename-source": "/raw/typed-from", "x-ms-content-type": "text/csv" };
    await ask("PUT", "/raw/typed-to", rename);
    expect((await ask("HEAD", "/raw/typed-to")).headers["content-type"]).toBe("text/csv");
  });

  test("of expiry are for files", async () => {
    const expiry = { "x-ms-expiry-option": "RelativeToNow", "x-ms-expiry-time": "60000" };
    const code = "ExpiryNotSupportedForDirectory";
    expect((await ask("PUT", "/raw/d?comp=expiry", expiry)).outcome).toEqual([400, code]);
    expect((await ask("PUT", "/raw/e?resource=directory", expiry)).outcome).toEqual([400, code]);
  });
});

describe("recursive changes of access lists", () => {
  const change = (target: string, as: "owner" | "contributor" = "owner") =>
    lake.send({
      method: "PATCH",
      target: `${target}action=setAccessControlRecursive&mode=modify`,
      headers: { "x-ms-acl": "user:id-of-bob:rwx" },
      body: "",
      as,
    });
  const make = (path: string, as: "owner" | "contributor") =>
    lake.send({ method: "PUT", target: `/raw/${path}`, body: "", as });

  test("give nothing to go on with once they failed, and nothing for a token of nobody's", async () => {
    await make("mixed?resource=directory", "contributor");
    await make("mixed/1?resource=file", "owner");
    await make("mixed/2?resource=file", "contributor");
    const stopped = await change("/raw/mixed?maxrecords=2&", "contributor");
    expect(JSON.parse(stopped.body.toString())).toMatchObject({
      directoriesSuccessful: 1,
      failureCount: 1,
    });
    expect(stopped.headers["x-ms-continuation"]).toBeUndefined();
    const forced = await change("/raw/mixed?maxrecords=2&forceflag=true&", "contributor");
    expect(forced.headers["x-ms-continuation"]).toBeDefined();
    const garbage = await change("/raw/mixed?continuation=garbage&");
    expect(JSON.parse(garbage.body.toString())).toMatchObject({
      directoriesSuccessful: 0,
      filesSuccessful: 0,
      failureCount: 0,
    });
  });

  test("and lists that say only part of it keep the rest", async () => {
    await ask("PUT", "/raw/part?resource=directory");
    const set = await ask("PATCH", "/raw/part?action=setAccessControl", {
      "x-ms-acl": "user:id-of-bob:rwx",
    });
    expect(set.status).toBe(200);
    const { headers } = await ask("HEAD", "/raw/part?action=getAccessControl");
    expect(headers["x-ms-acl"]).toBe(
      "user::rwx,user:id-of-bob:rwx,group::r-x,mask::rwx,other::---",
    );
  });
});

describe("leases", () => {
  test("are renewed by an append after they ran out, and lost ones say so", async () => {
    const id = "11111111-2222-3333-4444-555555555555";
    await ask("PUT", "/raw/held?resource=file");
    const lease = (action: string, more: Headers = {}) =>
      ask("POST", "/raw/held", { "x-ms-lease-action": action, ...more });
    const held = { "x-ms-lease-id": id };
    await lease("acquire", { "x-ms-proposed-lease-id": id, "x-ms-lease-duration": "15" });
    await new Promise((resolve) => setTimeout(resolve, 15_100));
    const append = (headers: Headers) =>
      ask("PATCH", "/raw/held?action=append&position=0", headers, "x");
    expect((await append(held)).outcome).toEqual([412, "LeaseLost"]);
    expect((await append({ ...held, "x-ms-lease-action": "auto-renew" })).status).toBe(202);
    expect((await append({})).outcome).toEqual([412, "LeaseIdMissing"]);
    const missing = await ask("DELETE", "/raw/held", XML);
    expect(missing.text).toContain("There is currently a lease on the blob");
  });
});

test("a client knows its own creation or rename again, and nobody else's", async () => {
  const id = (name: string) => ({ "x-ms-client-transaction-id": name });
  const seen = async (path: string) =>
    (await ask("HEAD", `/raw/${path}?action=getStatus`)).headers["x-ms-client-transaction-id"];
  const type = { "x-ms-content-type": "text/csv" };
  await ask("PUT", "/raw/known?resource=file", { ...id("one"), ...type });
  expect(await seen("known")).toBe("one");
  await ask("PUT", "/raw/known-2", { ...id("two"), "x-ms-rename-source": "/raw/known" });
  expect(await seen("known-2")).toBe("two");
  await ask("PUT", "/raw/known-3", { "x-ms-rename-source": "/raw/known-2" });
  expect(await seen("known-3")).toBeUndefined();
  expect((await ask("HEAD", "/raw/known-3")).headers["content-type"]).toBe("text/csv");
});
