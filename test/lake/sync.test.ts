import { fork } from "node:child_process";
import { once } from "node:events";
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { inspect } from "node:util";
import "../../src/index.ts"; // shows results as tables
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { unlessReadOnly } from "../../src/connect/read-only.ts";
import type { Lake, SyncResult, TransferProgress } from "../../src/lake/lake.ts";
import { pathsIn } from "./listed.ts";
import { startTestCloud, type TestCloud } from "./practice-cloud.ts";
import type { Transfer } from "./transfer-process.ts";

let cloud: TestCloud;
let lake: Lake;
let local: string;
let counter = 0;
let remote: string;

beforeAll(async () => {
  cloud = await startTestCloud("ada@contoso.com", { "raw/seed.txt": "seed" });
  lake = cloud.open("raw");
});
beforeEach(async () => {
  local = await mkdtemp(join(cloud.folder, "local-"));
  remote = `sync-${++counter}`;
});
afterEach(() => cloud.practice.faults.clear());
afterAll(() => cloud.close());

/** Writes files of the local folder, changed so many seconds ago. */
async function plant(files: Readonly<Record<string, string>>, ago = 100): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const file = join(local, path);
    await mkdir(path.endsWith("/") ? file : dirname(file), { recursive: true });
    if (path.endsWith("/")) continue;
    await writeFile(file, content);
    const time = new Date(Date.now() - 1000 * ago);
    await utimes(file, time, time);
  }
}

const inLake = () => pathsIn(lake, `${remote}/**`);
const here = async () =>
  (await readdir(local, { recursive: true })).filter((path) => !path.startsWith("link/")).sort();
const told = ({ changes }: SyncResult) =>
  changes.map(({ action, path, because }) => `${action} ${path}: ${because}`);

/** Requests that change something, as the practice cloud has logged them. */
const writes = () =>
  cloud.practice.requests
    .list()
    .filter(({ method, url }) => !/GET|HEAD/.test(method) && url.includes(`/${remote}`));

test("a folder is brought into the lake, and the second time nothing is left to do", async () => {
  await plant({ "a.txt": "a", "deep/er/b.txt": "bb", "empty/": "", "none.txt": "" });
  const dry = await lake.syncUp(local, remote, { dryRun: true });
  expect(told(dry)).toEqual([
    "copy a.txt: new",
    "make folder deep: new",
    "make folder deep/er: new",
    "copy deep/er/b.txt: new",
    "make folder empty: new",
    "copy none.txt: new",
  ]);
  expect(inspect(dry)).toMatch(
    /^action +path +size +because\n.*\ncopy +a\.txt +1 B +new\n.*dry run: 3 files to copy \(3 B\), 3 folders to make, 0 files the same$/s,
  );
  expect(await lake.exists(remote)).toBe(false);
  expect(writes()).toEqual([]);
  expect((await lake.syncUp(local, remote)).same).toBe(0);
  const all = ["a.txt", "deep", "deep/er", "deep/er/b.txt", "empty", "none.txt"];
  expect((await inLake()).map((path) => path.slice(remote.length + 1))).toEqual(all);
  expect(await lake.readText(`${remote}/deep/er/b.txt`)).toBe("bb");
  const before = writes().length;
  const again = await lake.syncUp(local, remote, { delete: true });
  expect(again).toMatchObject({ changes: [], same: 3 });
  expect(inspect(again)).toBe("3 files the same");
  expect(writes()).toHaveLength(before);
});

test("what has another size or was changed later is copied, and what is extra goes only when asked", async () => {
  await plant({ "size.txt": "1", "later.txt": "one", "same.txt": "same" });
  await lake.syncUp(local, remote);
  await lake.write(`${remote}/old/extra.txt`, "extra");
  await plant({ "size.txt": "22" });
  await plant({ "later.txt": "two" }, -5);
  const kept = await lake.syncUp(local, remote);
  expect(told(kept)).toEqual(["copy later.txt: later", "copy size.txt: size"]);
  expect(kept.same).toBe(1);
  expect(await lake.readText(`${remote}/later.txt`)).toBe("two");
  expect(await lake.exists(`${remote}/old/extra.txt`)).toBe(true);
  await plant({ "later.txt": "two" });
  const removed = await lake.syncUp(local, remote, { delete: true });
  expect(told(removed)).toEqual([
    "delete folder old: not in the source",
    "delete old/extra.txt: not in the source",
  ]);
  expect(await lake.exists(`${remote}/old`)).toBe(false);
});

test("a file that was changed in this second is not mistaken for one that is the same", async () => {
  await plant({ "young.txt": "one" }, 0);
  await lake.syncUp(local, remote);
  expect((await lake.syncUp(local, remote, { dryRun: true })).changes).toEqual([]);
  await writeFile(join(local, "young.txt"), "two");
  expect(told(await lake.syncUp(local, remote))).toEqual(["copy young.txt: later"]);
  expect(await lake.readText(`${remote}/young.txt`)).toBe("two");
});

test("a folder of the lake is brought to this machine, with the times of the lake", async () => {
  await lake.write(`${remote}/a.txt`, "a");
  await lake.write(`${remote}/deep/b.txt`, "bb");
  await lake.mkdir(`${remote}/empty`);
  await plant({ "mine.txt": "mine", "gone/too.txt": "too" });
  const outside = await mkdtemp(join(cloud.folder, "outside-"));
  await writeFile(join(outside, "kept.txt"), "kept");
  await symlink(outside, join(local, "link"));
  const dry = await lake.syncDown(remote, local, { dryRun: true, delete: true });
  expect(told(dry)).toEqual([
    "copy a.txt: new",
    "make folder deep: new",
    "copy deep/b.txt: new",
    "make folder empty: new",
    "delete folder gone: not in the source",
    "delete gone/too.txt: not in the source",
    "delete mine.txt: not in the source",
  ]);
  expect(await here()).toEqual(["gone", "gone/too.txt", "link", "mine.txt"]);
  await lake.syncDown(remote, local);
  const all = ["a.txt", "deep", "deep/b.txt", "empty"];
  // What came from the lake need not go back to it.
  expect(
    told(await lake.syncUp(local, remote, { dryRun: true })).filter(
      (line) => !/gone|mine/.test(line),
    ),
  ).toEqual([]);
  expect(await here()).toEqual([...all, "gone", "gone/too.txt", "link", "mine.txt"].sort());
  const { modified } = await lake.stat(`${remote}/a.txt`);
  expect((await stat(join(local, "a.txt"))).mtime).toEqual(modified);
  await lake.syncDown(remote, local, { delete: true });
  // A link to a folder, and what is behind it, is none of its business.
  expect(await here()).toEqual([...all, "link"]);
  expect(await readdir(outside)).toEqual(["kept.txt"]);
  expect(await lake.syncDown(remote, local, { delete: true })).toMatchObject({
    changes: [],
    same: 2,
  });
  expect(told(await lake.syncUp(local, remote, { dryRun: true, compare: "md5" }))).toEqual([]);
});

test("MD5 finds what size and time do not tell", async () => {
  await plant({ "a.txt": "old", "b.txt": "bbb" });
  await lake.syncUp(local, remote);
  await plant({ "a.txt": "new" }, 500);
  expect((await lake.syncUp(local, remote)).changes).toEqual([]);
  expect(told(await lake.syncDown(remote, local, { dryRun: true, compare: "md5" }))).toEqual([
    "copy a.txt: MD5",
  ]);
  expect(told(await lake.syncUp(local, remote, { compare: "md5" }))).toEqual(["copy a.txt: MD5"]);
  expect(await lake.readText(`${remote}/a.txt`)).toBe("new");
  expect((await lake.syncUp(local, remote, { compare: "md5" })).changes).toEqual([]);
});

test("names that the other side cannot have are refused before anything moves", async () => {
  await plant({ "a.txt": "a", "back\\slash.txt": "b" });
  await expect(lake.syncUp(local, remote)).rejects.toMatchObject({
    code: "BAD_PATH",
    message: expect.stringContaining("back\\"),
  });
  expect(await lake.exists(remote)).toBe(false);
  await lake.write(`${remote}/a.txt`, "other");
  await lake.write(`${remote}/${"x".repeat(256)}`, "long");
  await expect(lake.syncDown(remote, local)).rejects.toMatchObject({ code: "BAD_PATH" });
  await expect(lake.syncDown(remote, local, { dryRun: true })).rejects.toMatchObject({
    code: "BAD_PATH",
  });
  expect(await readFile(join(local, "a.txt"), "utf8")).toBe("a");
});

test("a file where the other side has a directory is refused, and a source that is none", async () => {
  await plant({ "a/b.txt": "b" });
  await lake.write(`${remote}/a`, "a file");
  await expect(lake.syncUp(local, remote, { delete: true })).rejects.toMatchObject({
    code: "CONFLICT",
  });
  await expect(lake.syncDown(remote, local)).rejects.toMatchObject({ code: "CONFLICT" });
  expect(await lake.readText(`${remote}/a`)).toBe("a file");
  await expect(lake.syncUp(join(local, "none"), remote)).rejects.toMatchObject({
    code: "LOCAL_FILE",
  });
  await expect(lake.syncUp(join(local, "a/b.txt"), remote)).rejects.toMatchObject({
    code: "LOCAL_FILE",
  });
  await expect(lake.syncDown(`${remote}/none`, local, { delete: true })).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
  await expect(lake.syncDown(`${remote}/a`, local)).rejects.toMatchObject({ code: "CONFLICT" });
  await expect(cloud.open("rawx").syncUp(local, "a")).rejects.toMatchObject({
    code: "FILE_SYSTEM_NOT_FOUND",
  });
  expect(await here()).toEqual(["a", "a/b.txt"]);
});

test("progress knows the whole from the first step on, and a signal ends it", async () => {
  await plant(Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`${n}.txt`, "12345"])));
  const stop = new AbortController();
  const steps: TransferProgress[] = [];
  const stopped = lake.syncUp(local, remote, {
    signal: stop.signal,
    onProgress: (step) => {
      steps.push(step);
      if (step.files === 10) stop.abort(new Error("enough"));
    },
  });
  await expect(stopped).rejects.toThrow("enough");
  expect(steps[0]).toMatchObject({ totalFiles: 60, totalBytes: 300 });
  steps.length = 0;
  const { same } = await lake.syncUp(local, remote, { onProgress: (step) => steps.push(step) });
  expect(same).toBeGreaterThanOrEqual(10);
  const rest = { totalFiles: 60 - same, totalBytes: 5 * (60 - same) };
  expect(steps[0]).toMatchObject(rest);
  expect(steps.at(-1)).toMatchObject({ ...rest, files: 60 - same, bytes: 5 * (60 - same) });
  const down = join(local, "down");
  steps.length = 0;
  await lake.syncDown(remote, down, { onProgress: (step) => steps.push(step) });
  expect(steps[0]).toMatchObject({ totalFiles: 60, totalBytes: 300 });
  expect(steps.at(-1)).toMatchObject({ files: 60, bytes: 300 });
});

test("a service that refuses for a while is put up with, and a role that is missing is named", async () => {
  await plant({ "a.txt": "a", "b/c.txt": "c" });
  cloud.practice.faults.add({ on: "lake", kind: "status", status: 503, times: 2 });
  await lake.syncUp(local, remote);
  expect((await lake.du(remote)).files).toBe(2);
  const grace = { credential: cloud.practice.credential("grace@contoso.com") };
  await plant({ "d.txt": "d" });
  await expect(cloud.open("raw", grace).syncUp(local, remote)).rejects.toThrow(
    /grace@contoso.com may not write sync-.*Storage Blob Data Contributor/s,
  );
});

test("a lake that is opened for reading tells what would be done, and does nothing", async () => {
  await plant({ "a.txt": "a" });
  const parts = {
    reading: ["syncDown"],
    dryRuns: ["syncUp"],
    what: "it",
    cloud: cloud.cloud,
  } as const;
  const closed = unlessReadOnly<Lake>(lake, { ...parts, writable: false } as never);
  expect((await closed.syncUp(local, remote, { dryRun: true })).changes).toHaveLength(1);
  await expect(closed.syncUp(local, remote)).rejects.toMatchObject({ code: "READ_ONLY" });
  await expect(closed.syncUp(local, remote, { dryRun: false })).rejects.toMatchObject({
    code: "READ_ONLY",
  });
});

test.each(["syncUp", "syncDown"] as const)(
  "after %s was killed, the next one does what is left",
  async (kind) => {
    const files = Object.fromEntries(
      Array.from({ length: 120 }, (_, n) => [`${n % 7}/${n}.txt`, `file ${n}`]),
    );
    await plant(files);
    if (kind === "syncDown") {
      await lake.syncUp(local, remote);
      await rm(local, { recursive: true });
    }
    cloud.practice.faults.add({ on: "lake", kind: "delay", ms: 30 });
    const child = fork(join(import.meta.dirname, "transfer-process.ts"), [], {
      execArgv: ["--conditions=notelake-source", "--disable-warning=ExperimentalWarning"],
    });
    let reports = 0;
    child.on("message", () => ++reports === 50 && child.kill("SIGKILL"));
    const { description } = cloud.practice;
    child.send({ description, kind, path: remote, localFile: local } satisfies Transfer);
    expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
    cloud.practice.faults.clear();
    const result =
      kind === "syncUp"
        ? await lake.syncUp(local, remote, { delete: true })
        : await lake.syncDown(remote, local, { delete: true });
    expect(result.same).toBeGreaterThan(10);
    expect(result.same + result.changes.filter(({ action }) => action === "copy").length).toBe(120);
    expect((await lake.du(remote)).files).toBe(120);
    for (const [path, content] of Object.entries(files)) {
      expect(await readFile(join(local, path), "utf8")).toBe(content);
    }
    expect(
      await lake.syncUp(local, remote, { dryRun: true, compare: "md5", delete: true }),
    ).toMatchObject({
      changes: [],
      same: 120,
    });
  },
);
