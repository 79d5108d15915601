import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Lake } from "../../src/lake/lake.ts";
import { temporaryStart } from "../../src/lake/local/new-file.ts";
import { everythingIn, pathsIn } from "./listed.ts";
import { noteBeside } from "./notes.ts";
import { startTestCloud, type TestCloud } from "./practice-cloud.ts";
import { Traffic } from "./traffic.ts";
import type { Transfer } from "./transfer-process.ts";

// Transfers in processes that are killed half-way, which other processes go on with.

const MIB = 2 ** 20;
const SIZE = 80 * MIB; // three blocks of a download, two stretches of an upload
const NOTED = 64 * MIB; // what is not done again
const BIG = randomBytes(SIZE);
let cloud: TestCloud;
let lake: Lake;
const traffic = new Traffic();

beforeAll(async () => {
  cloud = await startTestCloud("ada@contoso.com", { "raw/big.bin": BIG });
  lake = cloud.open("raw");
});
afterEach(() => {
  traffic.forget();
  cloud.practice.faults.clear();
});
afterAll(() => cloud.close());

/**
 * Runs a transfer in a process of its own, and kills that after so many bytes; a download, once it
 * has noted how far it is.
 */
async function run(transfer: Omit<Transfer, "description">, killAfter = Number.POSITIVE_INFINITY) {
  const child = fork(join(import.meta.dirname, "transfer-process.ts"), [], {
    execArgv: ["--conditions=notelake-source", "--disable-warning=ExperimentalWarning"],
  });
  child.on("message", ({ bytes }: { bytes: number }) => {
    const isNoted = transfer.kind === "upload" || noteBeside(transfer.localFile) !== undefined;
    if (bytes > killAfter && isNoted) child.kill("SIGKILL");
  });
  child.send({ ...transfer, description: cloud.practice.description } satisfies Transfer);
  const [code, signal] = await once(child, "exit");
  return signal ?? code;
}

/** Slows the service down, and kills a transfer after so many bytes. */
async function kill(transfer: Omit<Transfer, "description">, after: number): Promise<void> {
  const path = transfer.kind === "download" ? `/raw/${transfer.path}` : undefined;
  cloud.practice.faults.add(
    path
      ? { on: "lake", method: "GET", path, kind: "slow", rate: 5 * MIB }
      : { on: "lake", method: "PATCH", kind: "delay", ms: 20 },
  );
  expect(await run(transfer, after)).toBe("SIGKILL");
  cloud.practice.faults.clear();
}

const same = (bytes: Uint8Array, wanted: Uint8Array = BIG) => Buffer.compare(bytes, wanted) === 0;
/** Names on this machine that begin so: nothing is to be left beside a finished file. */
const left = async (name: string) =>
  (await readdir(cloud.folder)).filter(
    (found) => found.startsWith(name) || found.startsWith(temporaryStart(name)),
  );

/** Bytes that a killed download has noted as being on the disk. */
async function noted(localFile: string): Promise<number> {
  const { done } = JSON.parse(await readFile(noteBeside(localFile) ?? "", "utf8")) as {
    done: { start: number; end: number }[];
  };
  return done.reduce((sum, { start, end }) => sum + end - start, 0);
}

test("a download that is killed goes on in another process, which fetches only what is missing", async () => {
  const localFile = join(cloud.folder, "killed.bin");
  const transfer = { kind: "download", path: "big.bin", localFile } as const;
  await kill(transfer, NOTED);
  expect(await left("killed.bin")).not.toContain("killed.bin");
  const there = await noted(localFile);
  expect(there).toBeGreaterThanOrEqual(NOTED);

  const before = traffic.fetched("/raw/big.bin");
  expect(await run(transfer)).toBe(0);
  expect(traffic.fetched("/raw/big.bin") - before).toBe(SIZE - there);
  expect(same(await readFile(localFile))).toBe(true);
  expect(await left("killed.bin")).toEqual(["killed.bin"]);
});

test("a killed download begins anew when the file in the lake has changed", async () => {
  const localFile = join(cloud.folder, "replaced.bin");
  await lake.copy("big.bin", "replaced.bin");
  const transfer = { kind: "download", path: "replaced.bin", localFile } as const;
  await kill(transfer, NOTED);
  expect(await noted(localFile)).toBeGreaterThan(0);
  const other = randomBytes(SIZE);
  await lake.write("replaced.bin", other, { overwrite: true });

  const before = traffic.fetched("/raw/replaced.bin");
  expect(await run(transfer)).toBe(0);
  expect(traffic.fetched("/raw/replaced.bin") - before).toBe(SIZE);
  expect(same(await readFile(localFile), other)).toBe(true);
  expect(await left("replaced.bin")).toEqual(["replaced.bin"]);
});

test("an upload that is killed goes on in another process, which sends only what is missing", async () => {
  const localFile = join(cloud.folder, "up.bin");
  await writeFile(localFile, BIG);
  const transfer = { kind: "upload", path: "up/killed.bin", localFile } as const;
  await kill(transfer, NOTED);
  expect(await lake.exists("up/killed.bin")).toBe(false);

  const before = traffic.appended("/raw/up/");
  expect(await run(transfer)).toBe(0);
  expect(traffic.appended("/raw/up/") - before).toBe(SIZE - NOTED);
  expect(same(await lake.read("up/killed.bin"))).toBe(true);
  expect(await everythingIn(lake, "up")).toEqual(["up/killed.bin"]);
});

test("a killed upload begins anew when the local file has changed", async () => {
  const localFile = join(cloud.folder, "edited.bin");
  await writeFile(localFile, BIG);
  const transfer = { kind: "upload", path: "edited/a.bin", localFile } as const;
  await kill(transfer, NOTED);
  expect(await pathsIn(lake, "edited/.*.part")).toHaveLength(1);
  const other = randomBytes(SIZE);
  await writeFile(localFile, other);

  const before = traffic.appended("/raw/edited/");
  expect(await run(transfer)).toBe(0);
  expect(traffic.appended("/raw/edited/") - before).toBe(SIZE);
  expect(same(await lake.read("edited/a.bin"), other)).toBe(true);
  expect(await everythingIn(lake, "edited")).toEqual(["edited/a.bin"]);
});
