import { randomBytes } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Lake } from "../../src/lake/lake.ts";
import { temporaryStart } from "../../src/lake/local/new-file.ts";
import { everythingIn } from "./listed.ts";
import { noteBeside } from "./notes.ts";
import { startTestCloud, type TestCloud } from "./practice-cloud.ts";

// What the stock client fails at is in stock-faults.test.ts.

const BIG = randomBytes(40_000_000);
const GET = { on: "lake", method: "GET", path: "/raw/big.bin" } as const;
let cloud: TestCloud;
let lake: Lake;

beforeAll(async () => {
  cloud = await startTestCloud("ada@contoso.com", { "raw/big.bin": BIG });
  lake = cloud.open("raw", { retryPolicy: { tries: 4, firstWait: 5, idle: 1500 } });
});
afterEach(() => cloud.practice.faults.clear());
afterAll(() => cloud.close());

const same = (bytes: Uint8Array) => Buffer.compare(bytes, BIG) === 0;

test("a lake that stalls for good is unreachable after all tries", async () => {
  cloud.practice.faults.add({ ...GET, kind: "stall", after: 0 });
  await expect(lake.read("big.bin")).rejects.toMatchObject({
    code: "UNREACHABLE",
    hint: expect.stringContaining("no bytes came"),
  });
});

test("a busy service is asked again, and called busy when it stays so", async () => {
  cloud.practice.faults.add({ ...GET, kind: "status", status: 503, times: 2 });
  expect(same(await lake.read("big.bin"))).toBe(true);
  cloud.practice.faults.add({ ...GET, kind: "status", status: 503 });
  await expect(lake.read("big.bin")).rejects.toMatchObject({ code: "THROTTLED", status: 503 });
});

test("an upload survives refusals and broken connections on its way", async () => {
  const PATCH = { on: "lake", method: "PATCH" } as const;
  cloud.practice.faults.add({ ...PATCH, kind: "status", status: 503, times: 3 });
  cloud.practice.faults.add({ on: "lake", method: "PUT", kind: "status", status: 500, times: 1 });
  await lake.write("survived.bin", BIG);
  expect(same(await lake.read("survived.bin"))).toBe(true);
});

test("a download that broke off goes on where it ended, in another lake object", async () => {
  const target = join(cloud.folder, "resumed.bin");
  // Every reply ends early without a byte from the third block on: tries are used up.
  cloud.practice.faults.add({ ...GET, kind: "reset", after: 17_000_000, times: 1 });
  cloud.practice.faults.add({ ...GET, kind: "slow", rate: 20_000_000, times: 1 });
  const broken = new AbortController();
  let seen = 0;
  const onProgress = ({ bytes }: { bytes: number }) => {
    seen = bytes;
    if (bytes > 30_000_000) broken.abort(new Error("pulled the plug"));
  };
  const first = lake.download("big.bin", target, { onProgress, signal: broken.signal });
  await expect(first).rejects.toThrow("pulled the plug");
  expect(seen).toBeGreaterThan(30_000_000);
  cloud.practice.faults.clear();
  const note = JSON.parse(await readFile(noteBeside(target) ?? "", "utf8"));
  const had = note.done.reduce(
    (sum: number, { start, end }: { start: number; end: number }) => sum + end - start,
    0,
  );
  // All but what was still in the two buffers of each of the six requests, blocks half done too.
  expect(had).toBeGreaterThan(seen - 6 * 2 * 2 ** 20);

  const steps: number[] = [];
  await cloud.open("raw").download("big.bin", target, {
    onProgress: ({ bytes }) => steps.push(bytes),
  });
  expect(steps[0]).toBe(had); // what was there is not fetched again
  expect(steps.at(-1)).toBe(BIG.length);
  expect(same(await readFile(target))).toBe(true);
  const left = (await readdir(cloud.folder)).filter((name) => name.startsWith(".notelake-"));
  expect(left).toEqual([]);
});

test("a download does not go on with another version of the file", async () => {
  const target = join(cloud.folder, "changed.bin");
  const version = { size: BIG.length, etag: '"0x0"', modified: new Date() };
  const source = "contosolake/raw/big.bin";
  const note = { source, version, done: [{ start: 0, end: 16 * 2 ** 20 }] };
  const part = join(cloud.folder, `${temporaryStart(target)}4194304-00000000.part`);
  await writeFile(part, Buffer.alloc(16 * 2 ** 20));
  await writeFile(`${part}.json`, JSON.stringify(note));
  await lake.download("big.bin", target);
  expect(same(await readFile(target))).toBe(true);
  expect(await readdir(cloud.folder)).not.toContain(basename(part)); // nothing of it stays
});

test("an upload that broke off goes on where it ended, even where this user may not list", async () => {
  const local = join(cloud.folder, "upload.bin");
  const bytes = Buffer.concat([BIG, BIG]); // 80 MB: two stretches
  await writeFile(local, bytes);
  let sent = 0;
  const dead = { on: "lake", method: "PATCH", kind: "reset", after: 0 } as const;
  const onProgress = ({ bytes: now }: { bytes: number }) => {
    if (now > 68_000_000 && sent <= 68_000_000) {
      cloud.practice.faults.add({ ...dead, kind: "status", status: 503 });
    }
    sent = now;
  };
  await expect(lake.upload(local, "up/big.bin", { onProgress })).rejects.toMatchObject({
    code: "THROTTLED",
  });
  cloud.practice.faults.clear();
  expect(await lake.exists("up/big.bin")).toBe(false);
  const steps: number[] = [];
  cloud.practice.faults.add({ on: "lake", method: "GET", kind: "status", status: 403 });
  await cloud.open("raw").upload(local, "up/big.bin", {
    onProgress: ({ bytes: now }) => steps.push(now),
  });
  cloud.practice.faults.clear();
  expect(steps[0]).toBe(64 * 2 ** 20); // the first stretch was there already
  expect(Buffer.compare(await lake.read("up/big.bin"), bytes)).toBe(0);
  expect(await everythingIn(lake, "up")).toEqual(["up/big.bin"]);
});
