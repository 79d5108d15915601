import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { BlobServiceClient } from "@azure/storage-blob";
import type { DataLakeFileSystemClient } from "@azure/storage-file-datalake";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { checkFolder } from "../../src/practice/check-folder.ts";
import { lakeClient, serveCloud } from "./served-cloud.ts";

const CLI = join(import.meta.dirname, "../../src/cli.ts");
const FLAGS = ["--conditions=notelake-source", "--disable-warning=ExperimentalWarning"];
const LARGE = Buffer.alloc(300_000, "large and whole ");
const SMALL = Buffer.from("small and whole");

let dir: string;
const place = () => join(dir, "lake/gen2/contosolake");

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "notelake-check-"));
  await withLake(async (raw) => {
    await raw.getFileClient("checked/large.bin").upload(LARGE);
    await raw.getFileClient("checked/small.txt").upload(SMALL);
    await raw.getFileClient("checked/next.txt").upload(Buffer.from("beside it"));
    await raw.getFileClient("checked/lost.bin").upload(LARGE);
  });
});
afterAll(() => rmSync(dir, { recursive: true }));

async function withLake<T>(work: (raw: DataLakeFileSystemClient) => Promise<T>): Promise<T> {
  const served = await serveCloud({ dir });
  try {
    return await work((await lakeClient(served, "ada@contoso.com")).getFileSystemClient("raw"));
  } finally {
    await served.close();
  }
}

/** The file on disk that has a path's bytes, and where they begin in it. */
function placeOf(name: string): { file: string; offset: number } {
  const database = new DatabaseSync(join(place(), "names.db"), { readOnly: true });
  const { file, offset } = database
    .prepare("select file, offset from segments join nodes on node = id where name = ?")
    .get(name) as { file: number; offset: number };
  database.close();
  const folder = (Math.abs(file) % 256).toString(16).padStart(2, "0");
  return { file: join(place(), "bytes", folder, String(file)), offset };
}

function flip(name: string, position: number): { file: string; undo: () => void } {
  const { file, offset } = placeOf(name);
  const bytes = readFileSync(file);
  const before = Buffer.from(bytes);
  bytes[offset + position] = (bytes[offset + position] ?? 0) ^ 1;
  writeFileSync(file, bytes);
  return { file, undo: () => writeFileSync(file, before) };
}

const check = () => checkFolder(dir, new AbortController().signal);
const practice = (...args: string[]) =>
  spawnSync(process.execPath, [...FLAGS, CLI, "practice", "--check", ...args], {
    encoding: "utf8",
    timeout: 60_000,
  });

test("what is whole is said to be, with exit code 0", async () => {
  const { status, stdout, stderr } = practice("--dir", dir);
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^checked 4 accounts, \d+ files, \d+ bytes: all is as it was written\n$/);
  expect(status).toBe(0);
  expect((await check()).bytes).toBeGreaterThanOrEqual(2 * LARGE.length + SMALL.length);
});

test("a flipped byte is named with its path and never served as if whole", async () => {
  const large = flip("large.bin", 200_000);
  const small = flip("small.txt", 3);
  try {
    const { status, stdout } = practice("--dir", dir);
    expect(status).toBe(1);
    expect(stdout).toContain(
      `contosolake/raw/checked/large.bin: bytes 196608 to 262143 of ${large.file} are not what was written there\n`,
    );
    expect(stdout).toContain(`contosolake/raw/checked/small.txt: bytes `);
    expect(stdout).toContain("2 damaged paths");
    expect(stdout).not.toContain("next.txt");
    vi.spyOn(process.stderr, "write").mockReturnValue(true);
    await withLake(async (raw) => {
      const get = async (name: string, offset?: number, count?: number) => {
        const options = { maxRetryRequests: 0 };
        const answer = await raw.getFileClient(`checked/${name}`).read(offset, count, options);
        const chunks: Buffer[] = [];
        for await (const chunk of answer.readableStreamBody ?? []) chunks.push(chunk as Buffer);
        return Buffer.concat(chunks);
      };
      await expect(get("large.bin")).rejects.toThrow();
      await expect(get("large.bin", 262_000, 10)).rejects.toThrow();
      await expect(get("small.txt")).rejects.toMatchObject({ code: "InternalError" });
      // What lies beside it is as good as ever.
      expect(await get("large.bin", 270_000, 10)).toEqual(LARGE.subarray(270_000, 270_010));
      expect(String(await get("next.txt"))).toBe("beside it");
    });
    vi.restoreAllMocks();
  } finally {
    large.undo();
    small.undo();
  }
  expect((await check()).damage).toEqual([]);
});

test("files that are cut off, gone, or belong to nothing are named", async () => {
  const cut = placeOf("large.bin").file;
  const lost = placeOf("lost.bin").file;
  const [cutBytes, lostBytes] = [readFileSync(cut), readFileSync(lost)];
  const orphan = join(place(), "bytes/00/256");
  truncateSync(cut, 290_000);
  rmSync(lost);
  try {
    const folder = join(orphan, "..");
    spawnSync("mkdir", ["-p", folder]);
    writeFileSync(orphan, "begun");
    const { damage, orphans } = await check();
    expect(damage).toEqual([
      {
        path: "contosolake/raw/checked/large.bin",
        what: `bytes 290000 to 299999 of ${cut} are missing`,
      },
      { path: "contosolake/raw/checked/lost.bin", what: `${lost} is missing` },
    ]);
    expect(orphans).toEqual([orphan]);
  } finally {
    writeFileSync(cut, cutBytes);
    writeFileSync(lost, lostBytes);
    rmSync(orphan);
  }
});

test("snapshots, deleted paths and those that were moved or copied are named as they are found", async () => {
  const served = await serveCloud({ dir });
  const account = await lakeClient(served, "ada@contoso.com");
  const options = { tlsOptions: { ca: served.ca } };
  const blobs = new BlobServiceClient(
    `${served.origin}/contosolake`,
    served.cloud.credential("ada@contoso.com"),
    options as object,
  );
  await blobs.setProperties({ deleteRetentionPolicy: { enabled: true, days: 7 } });
  const raw = account.getFileSystemClient("raw");
  const file = raw.getFileClient("shared/first.bin");
  await file.upload(LARGE);
  const { snapshot } = await blobs
    .getContainerClient("raw")
    .getBlobClient("shared/first.bin")
    .createSnapshot();
  await raw.getFileClient("shared/first.bin").move("shared/second.bin");
  await raw.getFileClient("shared/gone.txt").upload(Buffer.from("deleted"));
  await raw.getFileClient("shared/gone.txt").delete();
  await served.close();
  const undo = [flip("second.bin", 0).undo];
  const database = new DatabaseSync(join(place(), "names.db"), { readOnly: true });
  const { node, id } = database.prepare("select node, id from deleted").get() as Record<
    string,
    number
  >;
  database.close();
  undo.push(flip(String(node), 0).undo);
  const { damage } = await check();
  for (const back of undo.reverse()) back();
  expect(damage.map(({ path }) => path).sort()).toEqual([
    `contosolake/raw/shared/gone.txt?deletionid=${id}`,
    "contosolake/raw/shared/second.bin",
    `contosolake/raw/shared/second.bin?snapshot=${snapshot}`,
  ]);
});

test("a damaged database and lost secrets are named, and nothing is changed", async () => {
  const names = join(place(), "names.db");
  const secrets = join(dir, "secrets.json");
  const before = readFileSync(names);
  const kept = readFileSync(secrets);
  const damaged = Buffer.from(before).fill(0xa5, 4096 + 8, 4096 * 3);
  writeFileSync(names, damaged);
  rmSync(secrets);
  try {
    const { damage } = await check();
    expect(damage.map(({ what }) => what)).toEqual([
      `${secrets} is missing`,
      expect.stringMatching(`^${names} is damaged`),
    ]);
    expect(readFileSync(names).equals(damaged)).toBe(true);
  } finally {
    writeFileSync(names, before);
    writeFileSync(secrets, kept);
  }
});

test("a folder in use and one that is none are refused", async () => {
  const served = await serveCloud({ dir });
  await expect(check()).rejects.toMatchObject({ code: "IN_USE" });
  await served.close();
  const none = join(dir, "none");
  const { status, stderr } = practice("--dir", none);
  expect([status, stderr]).toEqual([1, expect.stringContaining("holds no practice cloud")]);
  expect(practice().status).toBe(2);
});
