import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readDocument } from "../../src/practice/lake/wire/body.ts";
import { Refusal } from "../../src/practice/service-refusal.ts";
import { type ServedLake, serveLake } from "./served-lake.ts";

let lake: ServedLake;
beforeAll(async () => {
  lake = await serveLake({ "raw/a.txt": "a" });
});
afterAll(() => lake.close());

test("a document is read or refused, whatever it is", () => {
  const part = fc.constantFrom(
    "<a>",
    "</a>",
    "<b/>",
    "<",
    ">",
    "&#x110000;",
    "&amp;",
    "t",
    "<!--",
    "-->",
  );
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      try {
        readDocument(parts.join(""));
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal);
      }
    }),
  );
  const { name, children } = readDocument(
    '\uFEFF<?xml version="1.0"?><a><b x="1"> &lt;1&#65; </b><c /></a>',
  );
  expect([name, children.map(({ name: own, text }) => [own, text])]).toEqual([
    "a",
    [
      ["b", "<1A"],
      ["c", ""],
    ],
  ]);
});

const KEY = "/?restype=service&comp=userdelegationkey";
const ACL = "/raw?restype=container&comp=acl";
const SERVICE = "/?restype=service&comp=properties";

test.each([
  ["POST", KEY, "<Start "],
  ["PUT", ACL, "<SignedIdentifiers>"],
  ["PUT", ACL, "<SignedIdentifiers "],
  ["PUT", SERVICE, "<Cors>"],
])("%s %s of half a megabyte of %j is refused at once", async (method, target, piece) => {
  const body = piece.repeat(524_288 / piece.length);
  const began = performance.now();
  const answer = await lake.send({ method, target, body, headers: { accept: "application/xml" } });
  expect([answer.status, answer.headers["x-ms-error-code"]]).toEqual([400, "InvalidXmlDocument"]);
  expect(performance.now() - began).toBeLessThan(5_000);
});

const policy = (id: string) => `<SignedIdentifier><Id>${id}</Id></SignedIdentifier>`;
const policies = (ids: readonly string[]) =>
  `<SignedIdentifiers>${ids.map(policy).join("")}</SignedIdentifiers>`;
const properties = (inner: string) =>
  `<StorageServiceProperties>${inner}</StorageServiceProperties>`;

test.each([
  ["five policies", ACL, policies(["1", "2", "3", "4", "5"]), 200],
  ["six policies", ACL, policies(["1", "2", "3", "4", "5", "6"]), 400],
  ["a policy twice", ACL, policies(["1", "1"]), 400],
  ["a policy without an id", ACL, policies([""]), 400],
  ["six rules of CORS", SERVICE, properties(`<Cors>${"<CorsRule />".repeat(6)}</Cors>`), 400],
  ["an empty policy of soft delete", SERVICE, properties("<DeleteRetentionPolicy />"), 400],
  [
    "soft delete for 400 days",
    SERVICE,
    properties(
      "<DeleteRetentionPolicy><Enabled>true</Enabled><Days>400</Days></DeleteRetentionPolicy>",
    ),
    400,
  ],
])("%s", async (_name, target, body, status) => {
  const answer = await lake.send({ method: "PUT", target, body });
  expect(answer.status).toBe(status);
});
