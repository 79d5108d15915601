import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkAccount } from "../../src/practice/lake/index.ts";
import { startLakeProcess } from "./killed-lake.ts";
import { Confirmed, writeUntilKilled } from "./killed-writers.ts";
import { collect, serveLake, text } from "./served-lake.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "notelake-kept-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** More of them are run by test/nightly/kill.sh. */
const KILL_ROUNDS = Number(process.env.NOTELAKE_KILL_ROUNDS ?? 3);

test("what was confirmed outlives a process that is killed at any moment, deletions too", {
  timeout: 60_000 + KILL_ROUNDS * 150_000,
}, async () => {
  const confirmed = new Confirmed();
  const { written, moved, deleted, deleting } = confirmed;
  for (let round = 0; round < KILL_ROUNDS; round++) {
    const { kill, send } = await startLakeProcess(folder);
    await send({ method: "PUT", target: "/kept?restype=container" });
    const before = { moved: moved.size, deleted: deleted.size };
    const writers = Array.from({ length: 8 }, (_, index) =>
      writeUntilKilled(send, `r${round}-f${index}`, index, confirmed),
    );
    // On a busy machine it takes a while until something is there to be lost.
    await expect
      .poll(() => moved.size > before.moved && deleted.size > before.deleted, {
        timeout: 120_000,
      })
      .toBe(true);
    await new Promise((resolve) => setTimeout(resolve, (round % 4) * 40));
    await kill();
    await Promise.all(writers);
  }
  const lake = await serveLake({}, folder);
  try {
    const fileSystem = lake.client().getFileSystemClient("kept");
    let reads = 0;
    for (const [name, content] of written) {
      // A move that was under way either happened or did not; one that was confirmed did.
      const isThere = await fileSystem.getFileClient(name).exists();
      if (deleted.has(name)) expect([name, isThere]).toEqual([name, false]);
      if (!isThere && deleting.has(name)) continue;
      const file = fileSystem.getFileClient(moved.has(name) || !isThere ? `m-${name}` : name);
      const found = text(await file.readToBuffer());
      expect(found.slice(0, content.length)).toBe(content);
      reads++;
    }
    // Every path reads whole, and the space of what was never flushed is free again.
    for (const path of await collect(fileSystem.listPaths({ recursive: true }))) {
      const whole = await fileSystem.getFileClient(path.name ?? "").readToBuffer();
      expect(whole.length).toBe(path.contentLength);
    }
    const used = filesInUse();
    expect(used.length).toBeGreaterThan(0);
    await expect.poll(() => filesBelow(accountFolder("bytes"))).toEqual(used);
    console.log(
      `${KILL_ROUNDS} kills: ${reads} files read, ${moved.size} moved, ${deleted.size} deleted; none lost`,
    );
  } finally {
    await lake.close();
  }
  const { damage } = await checkAccount(accountFolder(""), "kept", new AbortController().signal);
  expect(damage).toEqual([]);
});

function accountFolder(name: string): string {
  return join(folder, "lake/gen2/contosolake", name);
}

/** Names of the files that content of the lake is in. */
function filesInUse(): string[] {
  const names = new DatabaseSync(accountFolder("names.db"), { readOnly: true });
  try {
    const rows = names.prepare("select distinct cast(file as text) as file from segments").all();
    return rows.map(({ file }) => String(file)).sort();
  } finally {
    names.close();
  }
}

async function filesBelow(top: string): Promise<string[]> {
  const entries = await readdir(top, { recursive: true, withFileTypes: true });
  return entries.flatMap((entry) => (entry.isFile() ? [entry.name] : [])).sort();
}

test("a kept lake is as it was left, and the seed is never written to", async () => {
  const first = await serveLake({ "raw/a.txt": "seeded", "raw/b.txt": "also" }, folder);
  const raw = first.client().getFileSystemClient("raw");
  const seedFile = join(folder, "seed/raw/a.txt");
  const before = await stat(seedFile);
  await raw.getFileClient("a.txt").append("+more", 6, 5);
  await raw.getFileClient("a.txt").flush(11);
  await raw.getFileClient("b.txt").delete();
  const { accountKey } = { accountKey: first.lake.keys("contosolake")?.key1 };
  await first.close();
  const after = await stat(seedFile);
  expect([after.size, after.mtimeMs]).toEqual([before.size, before.mtimeMs]);

  const second = await serveLake({}, folder);
  const again = second.client().getFileSystemClient("raw");
  expect(text(await again.getFileClient("a.txt").readToBuffer())).toBe("seeded+more");
  expect(await again.getFileClient("b.txt").exists()).toBe(false);
  expect(second.lake.keys("contosolake")?.key1).toBe(accountKey);
  await second.close();
});

test("what a killed process began and never flushed is cleared away", async () => {
  const first = await serveLake({}, folder);
  await first.client().getFileSystemClient("kept").create();
  await first.client().getFileSystemClient("kept").getFileClient("f").upload(Buffer.from("kept"));
  await first.close();
  const bytes = accountFolder("bytes");
  await mkdir(join(bytes, "00"), { recursive: true });
  await writeFile(join(bytes, "00/256"), "begun");
  expect(await filesBelow(bytes)).toHaveLength(2);
  const second = await serveLake({}, folder);
  await expect.poll(() => filesBelow(bytes)).toHaveLength(1);
  const file = second.client().getFileSystemClient("kept").getFileClient("f");
  expect(text(await file.readToBuffer())).toBe("kept");
  await second.close();
});

test("a kept lake notices that a file of its seed has changed", async () => {
  const first = await serveLake({ "raw/a.txt": "one" }, folder);
  const { etag } = await first
    .client()
    .getFileSystemClient("raw")
    .getFileClient("a.txt")
    .getProperties();
  await first.close();
  const file = join(folder, "seed/raw/a.txt");
  await writeFile(file, "one and more");
  await utimes(file, new Date(), new Date(Date.now() + 5_000));
  const second = await serveLake({}, folder);
  const again = second.client().getFileSystemClient("raw").getFileClient("a.txt");
  expect(text(await again.readToBuffer())).toBe("one and more");
  expect((await again.getProperties()).etag).not.toBe(etag);
  await second.close();
});

test.each([1, 4])(
  "a reader gets the file of %i parts it began with, whatever happens to it",
  async (parts) => {
    const lake = await serveLake({}, folder);
    const fileSystem = lake.client().getFileSystemClient("live");
    await fileSystem.create();
    const content = Buffer.alloc(20_000_000, "first version ");
    const file = fileSystem.getFileClient("f");
    for (let part = 0; part < parts; part++) {
      // Each block is a file of its own on disk, and a later one is opened only when it is due.
      const start = (part * content.length) / parts;
      const body = content.subarray(start, start + content.length / parts);
      const id = Buffer.from(`block ${part}`).toString("base64");
      await lake.send({
        method: "PUT",
        target: `/live/f?comp=block&blockid=${encodeURIComponent(id)}`,
        body,
      });
    }
    const ids = Array.from({ length: parts }, (_, part) =>
      Buffer.from(`block ${part}`).toString("base64"),
    );
    const list = `<BlockList>${ids.map((id) => `<Latest>${id}</Latest>`).join("")}</BlockList>`;
    await lake.send({ method: "PUT", target: "/live/f?comp=blocklist", body: list });
    const { readableStreamBody } = await file.read();
    await file.upload(Buffer.from("second"));
    await file.delete();
    const chunks = await collect(readableStreamBody as AsyncIterable<Buffer>);
    expect(Buffer.concat(chunks).equals(content)).toBe(true);
    await lake.close();
  },
);
