import { randomBytes } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Lake } from "../../src/lake/lake.ts";
import { collect, startTestCloud, type TestCloud } from "./practice-cloud.ts";

// Each fault is met by the stock client first, which fails, and then by the lake, which does not.

const BIG = randomBytes(40_000_000);
const GET = { on: "lake", method: "GET", path: "/raw/big.bin" } as const;
let cloud: TestCloud;
let lake: Lake;

beforeAll(async () => {
  cloud = await startTestCloud("ada@contoso.com", { "raw/big.bin": BIG, "raw/torn.bin": BIG });
  lake = cloud.open("raw", { patience: { tries: 4, firstWait: 5, idle: 400 } });
});
afterEach(() => cloud.practice.faults.clear());
afterAll(() => cloud.close());

const stock = (path = "big.bin") => cloud.stock().getFileSystemClient("raw").getFileClient(path);
// Only the outcome: a failed assertion that prints forty million numbers takes the process down.
const outcome = (work: Promise<unknown>) =>
  work.then(
    () => "fulfilled",
    () => "rejected",
  );
const same = (bytes: Uint8Array) => Buffer.compare(bytes, BIG) === 0;

for (const kind of ["reset", "end"] as const) {
  test(`a connection that breaks (${kind}) fails the stock client and not the lake`, async () => {
    const target = join(cloud.folder, `${kind}.bin`);
    cloud.practice.faults.add({ ...GET, kind, after: 3_000_000, times: 9 });
    expect(await outcome(stock().readToBuffer())).toBe("rejected");
    cloud.practice.faults.clear();
    cloud.practice.faults.add({ ...GET, kind, after: 3_000_000, times: 9 });
    expect(await outcome(stock().readToFile(`${target}.stock`))).toBe("rejected");

    cloud.practice.faults.clear();
    cloud.practice.faults.add({ ...GET, kind, after: 3_000_000, times: 9 });
    expect(same(await lake.read("big.bin"))).toBe(true);
    cloud.practice.faults.add({ ...GET, kind, after: 3_000_000, times: 9 });
    await lake.download("big.bin", target);
    expect(same(await readFile(target))).toBe(true);
    cloud.practice.faults.add({ ...GET, kind, after: 3_000_000, times: 9 });
    expect(same(Buffer.concat(await collect<Buffer>(lake.stream("big.bin"))))).toBe(true);
  });
}

test("a body that stalls hangs the stock client; the lake asks again", async () => {
  cloud.practice.faults.add({ ...GET, kind: "stall", after: 1_000_000, times: 1 });
  const gaveUp = AbortSignal.timeout(1500);
  const hanging = stock().readToFile(join(cloud.folder, "stalled"), 0, undefined, {
    abortSignal: gaveUp,
  });
  await expect(hanging).rejects.toMatchObject({ name: "AbortError" });
  expect(gaveUp.aborted).toBe(true);

  cloud.practice.faults.add({ ...GET, kind: "stall", after: 1_000_000, times: 3 });
  expect(same(await lake.read("big.bin"))).toBe(true);
});

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

test("a file replaced while it is read is torn by the stock client, never by the lake", async () => {
  const TORN = { ...GET, path: "/raw/torn.bin" };
  const before = await lake.read("torn.bin");
  cloud.practice.faults.add({ ...TORN, kind: "slow", rate: 5_000_000 });
  cloud.practice.faults.add({ ...TORN, kind: "replace", times: 1 });
  const torn = await stock("torn.bin").readToBuffer(0, 4_000_000, {
    chunkSize: 1_000_000,
    concurrency: 1,
  });
  cloud.practice.faults.clear();
  const after = (await lake.read("torn.bin")).subarray(0, 4_000_000);
  expect(torn.equals(before.subarray(0, 4_000_000))).toBe(false); // not what it was
  expect(torn.equals(after)).toBe(false); // nor what it is

  // Cut off, and replaced before the lake asks for the rest.
  const patient = cloud.open("raw", { patience: { tries: 3, firstWait: 1500 } });
  const cutAndReplace = () => {
    cloud.practice.faults.add({ ...TORN, kind: "reset", after: 1_000_000, times: 3 });
    cloud.practice.faults.add({ ...TORN, kind: "replace", times: 1 });
  };
  cutAndReplace();
  const told = await patient.read("torn.bin").catch(({ code, status }) => ({ code, status }));
  expect(told instanceof Uint8Array ? "torn" : told).toEqual({ code: "CONFLICT", status: 412 });
  // A download may be through with the old file before the new one is there: whole all the same.
  cloud.practice.faults.clear();
  const old = await lake.read("torn.bin");
  cutAndReplace();
  const target = join(cloud.folder, "torn.local");
  const failure = await patient.download("torn.bin", target).catch(({ code }) => code);
  const local = await readFile(target).catch(() => undefined);
  expect(local ? local.equals(old) : failure).toBe(local ? true : "CONFLICT");
});

test("a local file is overwritten by the stock client without a word, by the lake when asked", async () => {
  const target = join(cloud.folder, "precious.bin");
  await writeFile(target, "precious");
  await expect(lake.download("big.bin", target)).rejects.toMatchObject({ code: "EXISTS" });
  expect(await readFile(target, "utf8")).toBe("precious");
  await stock().readToFile(target);
  expect(same(await readFile(target))).toBe(true);
});

test("an upload that fails leaves a short file with the stock client, nothing with the lake", async () => {
  const fault = { on: "lake", kind: "status", status: 500, method: "PATCH" } as const;
  cloud.practice.faults.add(fault);
  await expect(stock("left/stock.bin").upload(BIG)).rejects.toThrow();
  await expect(lake.write("left/ours.bin", BIG)).rejects.toMatchObject({ code: "SERVICE_FAILED" });
  cloud.practice.faults.clear();
  const left = await collect(lake.list("left/{*,.*}"));
  expect(left.map(({ path, size }) => ({ path, size }))).toEqual([
    { path: "left/stock.bin", size: 0 },
  ]);
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
  const note = JSON.parse(await readFile(`${target}.part.json`, "utf8"));
  const had = note.done.reduce(
    (sum: number, { start, end }: { start: number; end: number }) => sum + end - start,
    0,
  );
  expect(had).toBeGreaterThan(0);

  const steps: number[] = [];
  await cloud.open("raw").download("big.bin", target, {
    onProgress: ({ bytes }) => steps.push(bytes),
  });
  expect(steps[0]).toBe(had); // what was there is not fetched again
  expect(steps.at(-1)).toBe(BIG.length);
  expect(same(await readFile(target))).toBe(true);
  const left = (await readdir(cloud.folder)).filter((name) => name.startsWith("resumed.bin."));
  expect(left).toEqual([]);
});

test("a download does not go on with another version of the file", async () => {
  const target = join(cloud.folder, "changed.bin");
  const version = { size: BIG.length, etag: '"0x0"', modified: new Date() };
  const source = "contosolake/raw/big.bin";
  const note = { source, version, done: [{ start: 0, end: 16 * 2 ** 20 }] };
  await writeFile(`${target}.part`, Buffer.alloc(16 * 2 ** 20));
  await writeFile(`${target}.part.json`, JSON.stringify(note));
  await lake.download("big.bin", target);
  expect(same(await readFile(target))).toBe(true);
});

test("an upload that broke off goes on where it ended", async () => {
  const local = join(cloud.folder, "upload.bin");
  const bytes = Buffer.concat([BIG, BIG, BIG]); // 120 MB: two stretches
  await writeFile(local, bytes);
  let sent = 0;
  const dead = { on: "lake", method: "PATCH", kind: "reset", after: 0 } as const;
  const onProgress = ({ bytes: now }: { bytes: number }) => {
    if (now > 80_000_000 && sent <= 80_000_000) {
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
  await cloud.open("raw").upload(local, "up/big.bin", {
    onProgress: ({ bytes: now }) => steps.push(now),
  });
  expect(steps[0]).toBe(64 * 2 ** 20); // the first stretch was there already
  expect(Buffer.compare(await lake.read("up/big.bin"), bytes)).toBe(0);
  expect((await collect(lake.list("up/{*,.*}"))).map(({ path }) => path)).toEqual(["up/big.bin"]);
});
