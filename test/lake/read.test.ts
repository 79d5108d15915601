import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Lake } from "../../src/lake/lake.ts";
import { pathsIn } from "./listed.ts";
import { collect, startTestCloud, type TestCloud } from "./practice-cloud.ts";
import { Traffic } from "./traffic.ts";

const BIG = Buffer.alloc(3_000_001, "0123456789abcdef-");
let test1: TestCloud;
let lake: Lake;

beforeAll(async () => {
  test1 = await startTestCloud("ada@contoso.com", {
    "raw/sales/2024/01.csv": "a,b\n1,2\n",
    "raw/sales/2024/02.csv": "a,b\n3,4\n",
    "raw/sales/2025/01.csv": "a,b\n5,6\n",
    "raw/sales/2025/q1/deep.csv": "x\n",
    "raw/sales/2025/.hidden/x.csv": "x\n",
    "raw/sales-old/a.csv": "x\n",
    "raw/sales.csv": "x\n",
    "raw/odd/ü %41 #1?.csv": "odd\n",
    "raw/odd/empty.bin": "",
    "raw/big.bin": BIG,
    "raw/nothing/": "",
    "curated/a.csv": "x\n",
  });
  lake = test1.open("raw");
});
afterAll(() => test1.close());

test("a list without a pattern shows the root, without descending", async () => {
  expect(await pathsIn(lake)).toEqual([
    "big.bin",
    "nothing",
    "odd",
    "sales",
    "sales-old",
    "sales.csv",
  ]);
});

test("an entry says what a file is", async () => {
  const [entry] = await collect(lake.list("sales/2024/01.csv"));
  expect(entry).toEqual({
    path: "sales/2024/01.csv",
    kind: "file",
    size: 8,
    modified: expect.any(Date),
    etag: expect.stringMatching(/^"0x[0-9A-F]+"$/),
  });
  expect(await lake.stat("sales/2024/01.csv")).toEqual(entry);
  expect(await collect(lake.list("sales/2024/0*.csv"))).toContainEqual(entry);
});

test.each([
  ["sales", ["sales/2024", "sales/2025"]],
  ["/sales/", ["sales/2024", "sales/2025"]],
  ["abfss://raw@contosolake.dfs.core.windows.net/sales", ["sales/2024", "sales/2025"]],
  ["nothing", []],
  ["nothing/*", []],
  ["sales/*/*.csv", ["sales/2024/01.csv", "sales/2024/02.csv", "sales/2025/01.csv"]],
  ["sales/2025/**/*.csv", ["sales/2025/01.csv", "sales/2025/q1/deep.csv"]],
  ["sal*/**/a.csv", ["sales-old/a.csv"]],
  ["**/0[12].csv", ["sales/2024/01.csv", "sales/2024/02.csv", "sales/2025/01.csv"]],
  ["sales/{2024,2025/q1}/*", ["sales/2024/01.csv", "sales/2024/02.csv", "sales/2025/q1/deep.csv"]],
  ["odd/*.csv", ["odd/ü %41 #1?.csv"]],
  ["sales/2025/.hidden/*", ["sales/2025/.hidden/x.csv"]],
])("list(%j)", async (pattern, expected) => {
  expect(await pathsIn(lake, pattern)).toEqual(expected);
});

test("a deep list gives each directory before what lies in it", async () => {
  expect(await pathsIn(lake, "**/*")).toEqual([
    "big.bin",
    "nothing",
    "odd",
    "odd/empty.bin",
    "odd/ü %41 #1?.csv",
    "sales",
    "sales/2024",
    "sales/2024/01.csv",
    "sales/2024/02.csv",
    "sales/2025",
    "sales/2025/01.csv",
    "sales/2025/q1",
    "sales/2025/q1/deep.csv",
    "sales-old",
    "sales-old/a.csv",
    "sales.csv",
  ]);
});

test("existence is a question, not a failure", async () => {
  expect(await lake.exists("sales/2024")).toBe(true);
  const traffic = new Traffic();
  expect(await lake.exists("sales/2026")).toBe(false);
  expect(traffic.requests).toHaveLength(1); // nobody looks for what is there instead
  traffic.close();
  await expect(test1.open("no-such").exists("a")).rejects.toMatchObject({
    code: "FILE_SYSTEM_NOT_FOUND",
  });
});

test("the root is a directory", async () => {
  expect(await lake.stat("")).toMatchObject({ path: "", kind: "directory", size: 0 });
});

test.each([
  [{}, BIG],
  [{ offset: 2_999_990 }, BIG.subarray(2_999_990)],
  [{ offset: 5, length: 70_000 }, BIG.subarray(5, 70_005)],
  [{ offset: 2_999_990, length: 500 }, BIG.subarray(2_999_990)],
  [{ length: 0 }, Buffer.alloc(0)],
])("read with %j", async (options, expected) => {
  const bytes = await lake.read("big.bin", options);
  expect(Buffer.compare(bytes, expected)).toBe(0);
});

test("a version is read, or none", async () => {
  const { etag } = await lake.stat("big.bin");
  expect(await lake.read("big.bin", { etag, length: 4 })).toHaveLength(4);
  const other = { etag: '"0x0"' };
  const refused = { code: "CONFLICT", status: 412 };
  await expect(lake.read("big.bin", other)).rejects.toMatchObject(refused);
  await expect(collect(lake.stream("big.bin", other))).rejects.toMatchObject(refused);
});

test("a download that knows its file does not ask for it", async () => {
  const entry = await lake.stat("big.bin");
  const traffic = new Traffic();
  const target = join(test1.folder, "known.bin");
  expect(await lake.download("big.bin", target, { entry })).toEqual(entry);
  traffic.close();
  expect(traffic.requests.filter((request) => request.startsWith("HEAD"))).toEqual([]);
  expect(Buffer.compare(await readFile(target), BIG)).toBe(0);
});

test("an empty file and a name full of special characters are read", async () => {
  expect(await lake.read("odd/empty.bin")).toHaveLength(0);
  expect(await lake.readText("odd/ü %41 #1?.csv")).toBe("odd\n");
});

test.each([
  [{ offset: -1 }, "BAD_RANGE"],
  [{ offset: 0.5 }, "BAD_RANGE"],
  [{ length: Number.NaN }, "BAD_RANGE"],
  [{ offset: 4_000_000 }, "BAD_RANGE"],
])("read with %j is refused", async (options, code) => {
  await expect(lake.read("big.bin", options)).rejects.toMatchObject({ code });
});

test("a download replaces the local file once all of it is there", async () => {
  const target = join(test1.folder, "big.local");
  await writeFile(target, "old");
  await expect(lake.download("big.bin", target)).rejects.toMatchObject({ code: "EXISTS" });
  expect(await readFile(target, "utf8")).toBe("old");
  const entry = await lake.download("big.bin", target, { overwrite: true });
  expect(entry).toMatchObject({ path: "big.bin", kind: "file", size: BIG.length });
  expect(Buffer.compare(await readFile(target), BIG)).toBe(0);
  expect((await readdir(test1.folder)).filter((name) => name.startsWith(".notelake-"))).toEqual([]);
});

test("a failed download leaves the local file as it was", async () => {
  const target = join(test1.folder, "kept.local");
  await writeFile(target, "old");
  await expect(lake.download("missing.bin", target, { overwrite: true })).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
  expect(await readFile(target, "utf8")).toBe("old");
  expect((await readdir(test1.folder)).filter((name) => name.startsWith(".notelake-"))).toEqual([]);
  const nowhere = join(test1.folder, "no/such/folder/file");
  await expect(lake.download("big.bin", nowhere)).rejects.toMatchObject({ code: "LOCAL_FILE" });
});

test("a call that was given up says so with the caller's reason", async () => {
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(lake.read("big.bin", { signal })).rejects.toThrow("enough");
  await expect(collect(lake.list("**", { signal }))).rejects.toThrow("enough");
});
