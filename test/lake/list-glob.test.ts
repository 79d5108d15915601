import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { pathsIn } from "./listed.ts";
import { collect, startTestCloud, type TestCloud } from "./practice-cloud.ts";
import { Traffic } from "./traffic.ts";

// How a tree is listed: by one request while it is small, by many at once when it is not.

const name = (directory: number, file: number) => `many/d${directory}/in/f${1000 + file}.csv`;
/** More than is asked for at once, in more directories than are asked for one by one. */
const MANY = Array.from({ length: 12 * 90 }, (_, index) => name(10 + (index % 12), index));

let cloud: TestCloud;
let traffic: Traffic;

beforeAll(async () => {
  const few = ["few/a.csv", "few/b/c.csv", "few/b/.hidden/d.csv", "few/e/f/g.csv"];
  const paths = [...few, ...MANY].map((path) => [`raw/${path}`, ""]);
  cloud = await startTestCloud("ada@contoso.com", Object.fromEntries(paths));
});
beforeEach(() => {
  traffic = new Traffic();
});
afterEach(() => {
  traffic.close();
  cloud.practice.faults.clear();
});
afterAll(() => cloud.close());

const listings = () => traffic.requests.filter((asked) => asked.includes("resource=filesystem"));

test("a small tree takes one request, however many directories there are", async () => {
  expect(await pathsIn(cloud.open("raw"), "few/**")).toEqual([
    "few/a.csv",
    "few/b",
    "few/b/c.csv",
    "few/e",
    "few/e/f",
    "few/e/f/g.csv",
  ]);
  expect(listings()).toHaveLength(1);
});

test("what is hidden in the directories that are looked into is shown to whoever asks for it", async () => {
  const hidden = async (pattern: string) =>
    (await collect(cloud.open("raw").list(pattern, { hidden: true }))).map(({ path }) => path);
  expect(await hidden("few/*/*.csv")).toEqual(["few/b/.hidden", "few/b/c.csv"]);
  expect(await hidden("few/e/**/*.csv")).toEqual(["few/e/f/g.csv"]);
  expect(await hidden("few/**/*.csv")).toEqual([
    "few/a.csv",
    "few/b/.hidden",
    "few/b/c.csv",
    "few/e/f/g.csv",
  ]);
});

test("of a pattern that few directories can match, no others are asked for", async () => {
  expect(await pathsIn(cloud.open("raw"), "few/e*/f/*.csv")).toEqual(["few/e/f/g.csv"]);
  expect(listings().filter((asked) => asked.includes("%2Fb"))).toEqual([]);
});

test("a larger tree is listed whole, in path order, directory by directory", async () => {
  const found = await pathsIn(cloud.open("raw"), "many/**/*.csv");
  expect(found).toEqual([...MANY].sort());
  expect(listings().length).toBeGreaterThan(12);
});

test("where a tree may not be listed at once, it is listed as far as may be", async () => {
  const refusal = { status: 403, code: "AuthorizationPermissionMismatch" };
  cloud.practice.faults.add({ on: "lake", method: "GET", kind: "status", times: 1, ...refusal });
  expect(await pathsIn(cloud.open("raw"), "few/e/**")).toEqual(["few/e/f", "few/e/f/g.csv"]);
  expect(listings()).toHaveLength(3);
});
