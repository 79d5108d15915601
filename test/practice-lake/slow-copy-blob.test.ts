import { mkdir, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BlockBlobClient } from "@azure/storage-blob";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Copies } from "../../src/practice/lake/storage/copies.ts";
import { makeDatabase, openDatabase } from "../../src/practice/lake/storage/lake-schema.ts";
import { read, type ServedAccounts, serveAccounts, upload } from "./copy-accounts.ts";
import { ACCOUNT } from "./served-lake.ts";

const HUGE = 300 * 2 ** 20;
let folder: string;
let lake: ServedAccounts;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "notelake-copies-"));
  await mkdir(join(folder, "seed/raw"), { recursive: true });
  // A file with a hole in it: large for whoever reads it, and next to nothing on disk.
  const huge = await open(join(folder, "seed/raw/huge.bin"), "w");
  await huge.truncate(HUGE);
  await huge.write("end", HUGE - 3);
  await huge.close();
  lake = await serveAccounts(folder);
});
afterAll(async () => {
  await lake.close();
  await rm(folder, { recursive: true });
});

test("more than 256 MiB are not copied at once, but behind the answer, on disk alone", async () => {
  const huge = lake.near("huge.bin");
  await expect(lake.near("no.bin").syncCopyFromURL(lake.signed(huge))).rejects.toMatchObject({
    statusCode: 409,
    code: "CannotVerifyCopySource",
    message: expect.stringContaining("(256MB)"),
  });
  const before = process.memoryUsage().rss;
  const copy = lake.far("huge.bin");
  const poller = await copy.beginCopyFromURL(lake.signed(huge), { intervalInMs: 20 });
  expect(await poller.pollUntilDone()).toMatchObject({ copyStatus: "success" });
  expect(process.memoryUsage().rss - before).toBeLessThan(HUGE / 3);
  expect((await copy.getProperties()).contentLength).toBe(HUGE);
  expect((await copy.downloadToBuffer(HUGE - 5, 5)).toString()).toBe("\0\0end");
});

describe("a copy that is under way", () => {
  let source: BlockBlobClient;
  // Too large to share a file: each block is one of its own, and to copy them takes its time.
  const block = "x".repeat(70_000);
  const count = 400;
  beforeAll(async () => {
    source = lake.far("many");
    const ids = Array.from({ length: count }, (_, index) =>
      Buffer.from(String(index).padStart(4, "0")).toString("base64"),
    );
    for (let at = 0; at < ids.length; at += 50) {
      await Promise.all(
        ids.slice(at, at + 50).map((id) => source.stageBlock(id, block, block.length)),
      );
    }
    await source.commitBlockList(ids);
  });

  async function start(copy: BlockBlobClient): Promise<string> {
    const { headers } = await lake.send({
      method: "PUT",
      target: `/raw/${copy.name}`,
      headers: { "x-ms-copy-source": lake.signed(source) },
    });
    expect(headers["x-ms-copy-status"]).toBe("pending");
    return String(headers["x-ms-copy-id"]);
  }

  test("leaves the blob empty and to nobody else, and can be broken off", async () => {
    const copy = lake.near("aborted");
    const id = await start(copy);
    const taken = { statusCode: 409, code: "PendingCopyOperation" };
    await expect(copy.upload("x", 1)).rejects.toMatchObject(taken);
    expect(await copy.getProperties()).toMatchObject({ copyStatus: "pending", contentLength: 0 });
    await expect(copy.abortCopyFromURL("another")).rejects.toMatchObject({
      statusCode: 409,
      code: "CopyIdMismatch",
    });
    await copy.abortCopyFromURL(id);
    expect(await copy.getProperties()).toMatchObject({ copyStatus: "aborted", contentLength: 0 });
    await expect(copy.abortCopyFromURL(id)).rejects.toMatchObject({
      statusCode: 409,
      code: "NoPendingCopyOperation",
    });
    await copy.upload("x", 1);
    expect((await copy.getProperties()).copyStatus).toBeUndefined();
  });

  test("fills nothing that was removed meanwhile", async () => {
    const copy = lake.near("removed");
    await start(copy);
    await copy.delete();
    await upload(copy, "new");
    await lake
      .near("after")
      .beginCopyFromURL(lake.signed(source), { intervalInMs: 5 })
      .then((poller) => poller.pollUntilDone());
    expect(await read(copy)).toBe("new");
    expect(await read(lake.near("aborted"))).toBe("x");
    expect((await read(lake.near("after"))) === block.repeat(count)).toBe(true);
    const { committedBlocks } = await lake.near("after").getBlockList("committed");
    expect(committedBlocks?.length).toBe(count);
  });
});

test("a copy that the end of the process broke off has failed", () => {
  const names = join(folder, "pending.db");
  makeDatabase(names);
  const database = openDatabase(names);
  const pending = { node: 1, id: "c", source: ACCOUNT, status: "pending", size: 1 } as const;
  new Copies(database).put({ ...pending, completed: null, description: null });
  expect(new Copies(database).get(1)).toMatchObject({ status: "failed" });
  database.close();
});
