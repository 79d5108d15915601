import { afterAll, beforeAll, expect, test } from "vitest";
import { type ServedLake, serveLake } from "./served-lake.ts";

let lake: ServedLake;
beforeAll(async () => {
  lake = await serveLake({
    "raw/a.txt": "a",
    "raw/b/1.txt": "1",
    "raw/b/2.txt": "2",
    "raw/c.txt": "",
  });
});
afterAll(() => lake.close());

type Headers = Readonly<Record<string, string>>;
const ask = async (method: string, target: string, headers: Headers = {}) => {
  const answer = await lake.send({
    method,
    target,
    headers,
    ...(method !== "GET" && { body: "" }),
  });
  return [answer.status, answer.headers["x-ms-error-code"]];
};
const BLOB = { "x-ms-blob-type": "BlockBlob" };
const NOT_YET = "FeatureNotYetSupportedForHierarchicalNamespaceAccounts";

test.each<[string, string, string, Headers, number, string]>([
  [
    "a customer's key",
    "GET",
    "/raw/a.txt",
    { "x-ms-encryption-key": "k" },
    400,
    "UnsupportedHeader",
  ],
  [
    "a key on upload",
    "PUT",
    "/raw/x",
    { ...BLOB, "x-ms-encryption-key": "k" },
    400,
    "UnsupportedHeader",
  ],
  [
    "a scope",
    "PUT",
    "/raw/x?resource=file",
    { "x-ms-encryption-scope": "s" },
    400,
    "UnsupportedHeader",
  ],
  [
    "a container's scope",
    "PUT",
    "/fresh?restype=container",
    { "x-ms-default-encryption-scope": "s" },
    400,
    "UnsupportedHeader",
  ],
  [
    "a context",
    "PUT",
    "/raw/x?resource=file",
    { "x-ms-encryption-context": "c" },
    400,
    "UnsupportedHeader",
  ],
  ["tags", "PUT", "/raw/x", { ...BLOB, "x-ms-tags": "a=b" }, 409, NOT_YET],
  ["conditions on tags", "DELETE", "/raw/a.txt", { "x-ms-if-tags": "a='b'" }, 409, NOT_YET],
  ["a legal hold", "PUT", "/raw/x", { ...BLOB, "x-ms-legal-hold": "true" }, 409, NOT_YET],
  [
    "public access",
    "PUT",
    "/fresh?restype=container",
    { "x-ms-blob-public-access": "blob" },
    409,
    "PublicAccessNotPermitted",
  ],
  [
    "a checksum of a source",
    "PUT",
    "/raw/x?comp=metadata",
    { "x-ms-source-content-crc64": "AAAAAAAAAAA=" },
    400,
    "UnsupportedHeader",
  ],
  ["a version", "GET", "/raw/a.txt?versionid=2026-01-01T00:00:00.0000000Z", {}, 409, NOT_YET],
  [
    "an append blob of the path dialect",
    "PUT",
    "/raw/x?resource=file&blobtype=appendblob",
    {},
    400,
    "UnsupportedQueryParameter",
  ],
  [
    "versions in a listing",
    "GET",
    "/raw?restype=container&comp=list&include=versions",
    {},
    409,
    NOT_YET,
  ],
  [
    "a version of the service that never was",
    "GET",
    "/raw/a.txt",
    { "x-ms-version": "2020-01-01" },
    400,
    "InvalidHeaderValue",
  ],
])("%s is refused, not passed over", async (_name, method, target, headers, status, code) => {
  expect(await ask(method, target, headers)).toEqual([status, code]);
  expect(await ask("GET", "/raw/a.txt")).toEqual([200, undefined]);
});

test("names of parameters are taken in any case, as signatures do", async () => {
  expect(await ask("DELETE", "/raw/a.txt?Snapshot=2026-01-01T00:00:00.0000000Z", {})).toEqual([
    404,
    "BlobNotFound",
  ]);
  const page = await lake.send({ target: "/raw?resource=filesystem&recursive=true&MAXRESULTS=1" });
  expect(JSON.parse(page.body.toString()).paths).toHaveLength(1);
});

test("what ends in a slash is a directory, and never a file", async () => {
  const marker = { ...BLOB, "x-ms-meta-hdi_isfolder": "true" };
  expect(await ask("PUT", "/raw/d/", { ...BLOB, "x-ms-meta-is_directory": "true" })).toEqual([
    400,
    "InvalidUri",
  ]);
  expect(await ask("PUT", "/raw/d/", marker)).toEqual([201, undefined]);
  const { headers } = await lake.send({ method: "HEAD", target: "/raw/d" });
  expect(headers["x-ms-resource-type"]).toBe("directory");
  expect(await ask("DELETE", "/raw/d")).toEqual([202, undefined]);
});

test("an account says what it is, of a container that there is not too", async () => {
  const answer = await lake.send({
    method: "HEAD",
    target: "/none?restype=account&comp=properties",
  });
  expect(answer.headers["x-ms-is-hns-enabled"]).toBe("true");
});

test("a listing begins where it is told, and shows only what is asked for", async () => {
  const list = async (more: string) => {
    const target = `/raw?restype=container&comp=list${more}`;
    const body = (await lake.send({ target })).body.toString();
    return [...body.matchAll(/<Name>([^<]*)<\/Name>/g)].map(([, name]) => name);
  };
  expect(await list("&startFrom=b/2.txt")).toEqual(["b/2.txt", "c.txt"]);
  expect(await list("&startFrom=b/11")).toEqual(["b/2.txt", "c.txt"]);
  expect(await list("&startFrom=b/2.txt&prefix=b/")).toEqual(["b/2.txt"]);
  expect(await list("&startFrom=c&prefix=b/")).toEqual([]);
  expect(await list("&startFrom=b/2.txt&delimiter=/")).toEqual(["b/", "c.txt"]);
  expect(await list("&endBefore=b/2.txt")).toEqual(["a.txt", "b", "b/1.txt"]);
  expect(await list("&startFrom=b/1.txt&endBefore=c.txt")).toEqual(["b/1.txt", "b/2.txt"]);
  expect(await list("&showonly=files")).toEqual(["a.txt", "b/1.txt", "b/2.txt", "c.txt"]);
  expect(await list("&showonly=directories")).toEqual(["b"]);
  const { paths } = JSON.parse(
    (
      await lake.send({ target: "/raw?resource=filesystem&recursive=true&startFrom=b/2.txt" })
    ).body.toString(),
  );
  expect(paths.map(({ name }: { name: string }) => name)).toEqual(["b/2.txt", "c.txt"]);
});

test.each<[string, string, string, Headers, number, string]>([
  [
    "a header of other operations",
    "GET",
    "/raw/a.txt",
    { "x-ms-acl": "a" },
    400,
    "UnsupportedHeader",
  ],
  [
    "a header that nobody knows",
    "GET",
    "/raw/a.txt",
    { "x-ms-new": "1" },
    400,
    "UnsupportedHeader",
  ],
  [
    "a condition that a listing cannot have",
    "GET",
    "/raw?restype=container&comp=list",
    { "if-none-match": "*" },
    400,
    "ConditionHeadersNotSupported",
  ],
  [
    "a condition on an append",
    "PATCH",
    "/raw/a.txt?action=append&position=1",
    { "if-match": "*" },
    400,
    "ConditionHeadersNotSupported",
  ],
  [
    "a parameter of other operations",
    "GET",
    "/raw/a.txt?blockid=AAAA",
    {},
    400,
    "UnsupportedQueryParameter",
  ],
])("%s is refused", async (_name, method, target, headers, status, code) => {
  expect(await ask(method, target, headers)).toEqual([status, code]);
});

test("what means nothing to the service is passed over", async () => {
  const headers = {
    "x-ms-client-request-id": "1",
    "x-ms-client-anything": "1",
    "x-ms-useragent": "1",
    "x-ms-return-client-request-id": "true",
    "x-ms-date": new Date().toUTCString(),
    "x-ms-range": "",
    "x-custom": "1",
  };
  expect(await ask("GET", "/raw/a.txt?v=2&timeout=30&maxAge=1", headers)).toEqual([200, undefined]);
});
