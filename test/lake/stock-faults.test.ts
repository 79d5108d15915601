import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Lake } from "../../src/lake/lake.ts";
import { compare, plantEmpty, type Rig, startRig } from "../bench/rig.ts";
import { collect, startTestCloud, type TestCloud } from "./practice-cloud.ts";

// Six faults of the stock client, @azure/storage-file-datalake 12.31.0. Each is met by the stock
// client first, which fails, and then by the lake, which does not.

const BIG = randomBytes(10_000_000);
const GET = { on: "lake", method: "GET", path: "/raw/big.bin" } as const;
let cloud: TestCloud;
let lake: Lake;

beforeAll(async () => {
  cloud = await startTestCloud("ada@contoso.com", { "raw/big.bin": BIG, "raw/torn.bin": BIG });
  lake = cloud.open("raw", { retryPolicy: { tries: 4, firstWait: 5, idle: 1500 } });
});
afterEach(() => cloud.practice.faults.clear());
afterAll(() => cloud.close());

const stock = (path = "big.bin", maxTries = 3) =>
  cloud.stock(maxTries).getFileSystemClient("raw").getFileClient(path);
// Only the outcome: a failed assertion that prints twenty million numbers takes the process down.
const outcome = (work: Promise<unknown>) =>
  work.then(
    () => "fulfilled",
    () => "rejected",
  );
const same = (bytes: Uint8Array) => Buffer.compare(bytes, BIG) === 0;

describe("1. a broken connection is not resumed, and Retry-After is ignored", () => {
  test.each(["reset", "end"] as const)("a body that breaks off (%s)", async (kind) => {
    const target = join(cloud.folder, `${kind}.bin`);
    const breaking = () => {
      cloud.practice.faults.clear();
      cloud.practice.faults.add({ ...GET, kind, after: 3_000_000, times: 9 });
    };
    breaking();
    expect(await outcome(stock().readToBuffer())).toBe("rejected");
    breaking();
    expect(await outcome(stock().readToFile(`${target}.stock`))).toBe("rejected");

    breaking();
    expect(same(await lake.read("big.bin"))).toBe(true);
    breaking();
    await lake.download("big.bin", target);
    expect(same(await readFile(target))).toBe(true);
    breaking();
    expect(same(Buffer.concat(await collect<Buffer>(lake.stream("big.bin"))))).toBe(true);
  });

  test("a service that is busy for as long as it says", async () => {
    const busy = () => {
      cloud.practice.faults.add({ ...GET, kind: "status", status: 503, retryAfter: 2 });
      setTimeout(() => cloud.practice.faults.clear(), 1900);
    };
    busy();
    expect(await outcome(stock("big.bin", 2).readToBuffer())).toBe("rejected");
    cloud.practice.faults.clear();
    busy();
    const patient = cloud.open("raw", { retryPolicy: { tries: 2, firstWait: 1 } });
    expect(same(await patient.read("big.bin"))).toBe(true);
  });
});

describe("2. a read is torn when the file is replaced meanwhile", () => {
  const TORN = { ...GET, path: "/raw/torn.bin" };

  test("half old and half new bytes, without a word", async () => {
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
    const patient = cloud.open("raw", { retryPolicy: { tries: 3, firstWait: 1500 } });
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
});

describe("3. readToFile overwrites silently, and hangs when the body stalls", () => {
  test("a local file that is there", async () => {
    const target = join(cloud.folder, "precious.bin");
    await writeFile(target, "precious");
    await expect(lake.download("big.bin", target)).rejects.toMatchObject({ code: "EXISTS" });
    expect(await readFile(target, "utf8")).toBe("precious");
    await stock().readToFile(target);
    expect(same(await readFile(target))).toBe(true);
  });

  test("a body that stalls", async () => {
    cloud.practice.faults.add({ ...GET, kind: "stall", after: 1_000_000, times: 1 });
    const gaveUp = AbortSignal.timeout(1500);
    const hanging = stock().readToFile(join(cloud.folder, "hanging"), 0, undefined, {
      abortSignal: gaveUp,
    });
    await expect(hanging).rejects.toMatchObject({ name: "AbortError" });
    expect(gaveUp.aborted).toBe(true);

    cloud.practice.faults.add({ ...GET, kind: "stall", after: 1_000_000, times: 3 });
    const target = join(cloud.folder, "stalled.bin");
    await lake.download("big.bin", target);
    expect(same(await readFile(target))).toBe(true);
  });
});

describe("4. a failed upload leaves an empty or short file", () => {
  test("a service that fails half-way", async () => {
    const fault = { on: "lake", kind: "status", status: 500, method: "PATCH" } as const;
    cloud.practice.faults.add(fault);
    await expect(stock("left/stock.bin").upload(BIG)).rejects.toThrow();
    await expect(lake.write("left/ours.bin", BIG)).rejects.toMatchObject({
      code: "SERVICE_FAILED",
    });
    cloud.practice.faults.clear();
    const left = await collect(lake.list("left/{*,.*}"));
    expect(left.map(({ path, size }) => ({ path, size }))).toEqual([
      { path: "left/stock.bin", size: 0 },
    ]);
  });
});

/**
 * Costs of this process on the processor, which other work on the machine hardly changes: the
 * practice cloud has a process of its own, and the best of several rounds counts.
 */
describe("costs", () => {
  const PATHS = 6000;
  const BYTES = 48 * 2 ** 20;
  const content = randomBytes(BYTES);
  let rig: Rig;

  beforeAll(async () => {
    rig = await startRig(async (folder) => {
      await plantEmpty(folder, PATHS / 1000, 1000);
      await mkdir(join(folder, "big"));
      await writeFile(join(folder, "big/big.bin"), content);
    });
  });
  afterAll(() => rig.close());

  test("5. listing is slow: twice the processor time of the lake's at least", async () => {
    const client = rig.stock().getFileSystemClient("raw");
    const seen: Record<string, string[]> = { stock: [], lake: [] };
    const costs = await compare(
      4,
      {
        stock: async () => {
          const names: string[] = [];
          const paths = client.listPaths({ path: "many", recursive: true });
          for await (const { name = "" } of paths) names.push(name);
          seen.stock = names;
        },
        lake: async () => {
          const names: string[] = [];
          for await (const { path } of rig.lake.list("many/**")) names.push(path);
          seen.lake = names;
        },
      },
      { by: "cpu" },
    );
    expect(seen.lake).toHaveLength(PATHS + PATHS / 1000);
    expect(seen.lake?.sort()).toEqual(seen.stock?.sort());
    expect((costs.stock?.cpu ?? 0) / (costs.lake?.cpu ?? 1)).toBeGreaterThan(2);
  });

  test("6. reading costs half as much again as the lake's at least", async () => {
    const file = rig.stock().getFileSystemClient("raw").getFileClient("big/big.bin");
    const intact: boolean[] = [];
    const read = (work: () => Promise<Uint8Array>) => async () => {
      intact.push(Buffer.compare(await work(), content) === 0);
    };
    const costs = await compare(
      6,
      {
        stock: read(() => file.readToBuffer()),
        lake: read(() => rig.lake.read("big/big.bin")),
      },
      { by: "cpu" },
    );
    expect(intact).toEqual(Array(12).fill(true));
    expect((costs.stock?.cpu ?? 0) / (costs.lake?.cpu ?? 1)).toBeGreaterThan(1.5);
  });
});
