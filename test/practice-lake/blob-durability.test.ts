import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startLakeProcess } from "./killed-lake.ts";
import { blobClient, type ServedLake, serveLake } from "./served-lake.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "notelake-kept-"));
});
afterEach(() => rm(folder, { recursive: true }));

const containerOf = (lake: Pick<ServedLake, "port" | "ca">) =>
  blobClient(lake).getContainerClient("kept");

/** Opens the kept lake here for as long as the work takes. */
async function reopen(work: (lake: ServedLake) => Promise<void>): Promise<void> {
  const lake = await serveLake({}, folder);
  try {
    await work(lake);
  } finally {
    await lake.close();
  }
}

test("blocks that were answered outlive a process that is killed at any moment", async () => {
  const names = ["1", "2", "3", "4"];
  const confirmed = new Map(names.map((name) => [name, ""]));
  for (let round = 0; round < 3; round++) {
    const served = await startLakeProcess(folder);
    const kept = containerOf(served);
    await kept.createIfNotExists();
    const writers = names.map(async (name) => {
      const blob = kept.getAppendBlobClient(name);
      await blob.createIfNotExists();
      // A block that was written and not answered lies behind what is known: one looks anew.
      const { contentLength = 0 } = await blob.getProperties();
      confirmed.set(name, (await blob.downloadToBuffer()).toString());
      for (let turn = 0, at = contentLength; ; turn++) {
        const block = `${round}.${turn};`.repeat(1 + turn * 40);
        await blob.appendBlock(block, block.length, { conditions: { appendPosition: at } });
        at += block.length;
        confirmed.set(name, `${confirmed.get(name)}${block}`);
      }
    });
    const ended = Promise.allSettled(writers);
    // On a busy machine it takes a while until each has written something.
    await expect.poll(() => [...confirmed.values()]).not.toContain("");
    await new Promise((resolve) => setTimeout(resolve, 150 + round * 40));
    await served.kill();
    await ended;
  }
  await reopen(async (lake) => {
    for (const [name, content] of confirmed) {
      const blob = containerOf(lake).getAppendBlobClient(name);
      const found = (await blob.downloadToBuffer()).toString();
      expect(content).not.toBe("");
      expect(found.startsWith(content)).toBe(true);
      const { blobType, blobCommittedBlockCount = 0 } = await blob.getProperties();
      expect(blobType).toBe("AppendBlob");
      const { blobCommittedBlockCount: next } = await blob.appendBlock("!", 1);
      expect(next).toBe(blobCommittedBlockCount + 1);
    }
  });
});

test("a rehydration goes on while nobody serves the lake", async () => {
  const served = await startLakeProcess(folder);
  const kept = containerOf(served);
  await kept.create();
  for (const name of ["archived", "pending"]) {
    await kept.getBlockBlobClient(name).upload(name, name.length, { tier: "Archive" });
  }
  await kept.getBlobClient("pending").setAccessTier("Hot");
  await served.kill();
  await reopen(async (lake) => {
    const blobs = ["archived", "pending"].map((name) => containerOf(lake).getBlobClient(name));
    const states = async () =>
      (await Promise.all(blobs.map((blob) => blob.getProperties()))).map(
        ({ accessTier, archiveStatus }) => [accessTier, archiveStatus],
      );
    expect(await states()).toEqual([
      ["Archive", undefined],
      ["Archive", "rehydrate-pending-to-hot"],
    ]);
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.advanceTimersByTime(15_000);
    expect(await states()).toEqual([
      ["Archive", undefined],
      ["Hot", undefined],
    ]);
    vi.useRealTimers();
  });
});

test("an append blob has no more than 50,000 blocks", async () => {
  await reopen(async (lake) => {
    const kept = containerOf(lake);
    await kept.create();
    await kept.getAppendBlobClient("full").create();
    await kept.getAppendBlobClient("full").appendBlock("x", 1);
  });
  // To append them one by one would take a minute.
  const names = new DatabaseSync(join(folder, "lake/gen2/contosolake/names.db"));
  names.exec(`
    with recursive more(seq) as (select 1 union all select seq + 1 from more where seq < 49998)
    insert into blocks (node, seq, id, start) select node, more.seq, '', 0 from blocks, more`);
  names.close();
  await reopen(async (lake) => {
    const blob = containerOf(lake).getAppendBlobClient("full");
    expect((await blob.appendBlock("y", 1)).blobCommittedBlockCount).toBe(50_000);
    await expect(blob.appendBlock("z", 1)).rejects.toMatchObject({
      statusCode: 409,
      code: "BlockCountExceedsLimit",
    });
    expect((await blob.downloadToBuffer()).toString()).toBe("xy");
  });
});
