import { readdir } from "node:fs/promises";
import { join } from "node:path";
import {
  BlobSASPermissions,
  BlockBlobClient,
  type ContainerClient,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ACCOUNT,
  blobClient,
  collect,
  pipelineOptions,
  type ServedLake,
  serveLake,
} from "./served-lake.ts";

let lake: ServedLake;
let raw: ContainerClient;

beforeAll(async () => {
  lake = await serveLake({ "raw/seeded.txt": "seeded" });
  raw = blobClient(lake).getContainerClient("raw");
});
afterAll(() => lake.close());

const read = async (blob: BlockBlobClient) => (await blob.downloadToBuffer()).toString();
const paths = () => lake.client().getFileSystemClient("raw");

/** A blob with a snapshot of each content but the last. */
async function blobWith(name: string, ...contents: string[]) {
  const blob = raw.getBlockBlobClient(name);
  const times: string[] = [];
  for (const [index, content] of contents.entries()) {
    await blob.upload(content, content.length, { metadata: { version: String(index) } });
    if (index === contents.length - 1) break;
    times.push((await blob.createSnapshot()).snapshot ?? "");
  }
  return { blob, times, at: (index: number) => blob.withSnapshot(times[index] ?? "") };
}

describe("a snapshot", () => {
  test("stays as the blob was, whatever happens to the blob", async () => {
    const { blob, times, at } = await blobWith("kept.txt", "one", "two", "three");
    expect(times[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/);
    await blob.upload("three+", 6);
    await blob.setMetadata({ version: "9" });
    expect([await read(at(0)), await read(at(1)), await read(blob)]).toEqual([
      "one",
      "two",
      "three+",
    ]);
    expect((await at(0).getProperties()).metadata).toEqual({ version: "0" });
    await paths().getFileClient("kept.txt").move("moved.txt");
    const moved = raw.getBlockBlobClient("moved.txt").withSnapshot(times[1] ?? "");
    expect(await read(moved)).toBe("two");
  });

  test("of a seeded file shares its bytes, and an append does not reach it", async () => {
    const blob = raw.getBlockBlobClient("seeded.txt");
    const before = await blob.getProperties();
    const { snapshot = "", etag } = await blob.createSnapshot();
    expect(etag).toBe(before.etag);
    await paths().getFileClient("seeded.txt").append("+", 6, 1);
    await paths().getFileClient("seeded.txt").flush(7);
    expect(await read(blob.withSnapshot(snapshot))).toBe("seeded");
    expect(await read(blob)).toBe("seeded+");
    expect((await blob.withSnapshot(snapshot).getProperties()).createdOn).toEqual(before.createdOn);
  });

  test("has metadata of its own when it is given any", async () => {
    const { blob } = await blobWith("meta.txt", "one");
    const { snapshot = "" } = await blob.createSnapshot({ metadata: { own: "1" } });
    expect((await blob.withSnapshot(snapshot).getProperties()).metadata).toEqual({ own: "1" });
    expect((await blob.getProperties()).metadata).toEqual({ version: "0" });
  });

  test("cannot be written to, leased, or made of a directory", async () => {
    const { blob, times } = await blobWith("fixed.txt", "one", "two");
    const at = `snapshot=${encodeURIComponent(times[0] ?? "")}`;
    for (const query of ["", "comp=metadata&", "comp=block&blockid=AAAA&", "comp=lease&"]) {
      const headers = { "x-ms-blob-type": "BlockBlob" };
      const target = `/raw/fixed.txt?${query}${at}`;
      const answer = await lake.send({ method: "PUT", target, headers, body: "x" });
      expect([answer.status, answer.headers["x-ms-error-code"]]).toEqual([
        400,
        "InvalidQueryParameterValue",
      ]);
    }
    expect(await read(blob)).toBe("two");
    await paths().getDirectoryClient("folder").create();
    await expect(raw.getBlobClient("folder").createSnapshot()).rejects.toMatchObject({
      statusCode: 409,
      code: "OperationNotSupportedOnDirectory",
    });
  });

  test("that was never taken is not there", async () => {
    const { blob } = await blobWith("none.txt", "one");
    const none = blob.withSnapshot("2020-01-01T00:00:00.0000000Z");
    expect(await none.exists()).toBe(false);
    await expect(none.download()).rejects.toMatchObject({ statusCode: 404, code: "BlobNotFound" });
  });

  test("is copied over the blob, which is how it is brought back", async () => {
    const { blob, at } = await blobWith("back.txt", "one", "two");
    const poller = await blob.beginCopyFromURL(at(0).url);
    expect(await poller.pollUntilDone()).toMatchObject({ copyStatus: "success" });
    expect(await read(blob)).toBe("one");
    const { copySource = "" } = await blob.getProperties();
    expect(decodeURIComponent(copySource)).toBe(decodeURIComponent(at(0).url));
  });

  test("is read by a signature for it alone", async () => {
    const { blob, times } = await blobWith("signed.txt", "one", "two", "three");
    const credential = new StorageSharedKeyCredential(ACCOUNT, lake.lake.keys(ACCOUNT)?.key1 ?? "");
    const sas = generateBlobSASQueryParameters(
      {
        containerName: "raw",
        blobName: blob.name,
        snapshotTime: times[0] ?? "",
        permissions: BlobSASPermissions.parse("r"),
        expiresOn: new Date(Date.now() + 60_000),
      },
      credential,
    );
    const reader = (time = "") =>
      new BlockBlobClient(
        `${blob.url}?snapshot=${time}&${sas}`,
        undefined,
        pipelineOptions(lake.ca),
      );
    expect(await read(reader(times[0]))).toBe("one");
    await expect(reader(times[1]).download()).rejects.toMatchObject({
      code: "AuthenticationFailed",
    });
  });
});

describe("a listing with snapshots", () => {
  test("has each before its blob, oldest first, in pages of any size", async () => {
    const { times: first } = await blobWith("list/a.txt", "1", "2", "3");
    await blobWith("list/b.txt", "1");
    const { times: last } = await blobWith("list/c/d.txt", "1", "2");
    const options = { prefix: "list/", includeSnapshots: true };
    const expected = [
      ["list/a.txt", first[0]],
      ["list/a.txt", first[1]],
      ["list/a.txt", undefined],
      ["list/b.txt", undefined],
      ["list/c", undefined],
      ["list/c/d.txt", last[0]],
      ["list/c/d.txt", undefined],
    ];
    const all = await collect(raw.listBlobsFlat(options));
    expect(all.map(({ name, snapshot }) => [name, snapshot || undefined])).toEqual(expected);
    for (const maxPageSize of [1, 2, 3, 4]) {
      const found: unknown[] = [];
      for await (const { segment } of raw.listBlobsFlat(options).byPage({ maxPageSize })) {
        expect(segment.blobItems.length).toBeLessThanOrEqual(maxPageSize);
        found.push(...segment.blobItems.map(({ name, snapshot }) => [name, snapshot || undefined]));
      }
      expect(found).toEqual(expected);
    }
    const plain = await collect(raw.listBlobsFlat({ prefix: "list/" }));
    expect(plain.map(({ name }) => name)).toHaveLength(4);
    const listed = await collect(paths().listPaths({ path: "list" }));
    expect(listed.map(({ name }) => name)).toEqual(["list/a.txt", "list/b.txt", "list/c"]);
  });
});

describe("deleting", () => {
  test("a blob with snapshots has to say what becomes of them", async () => {
    const { blob, at } = await blobWith("gone.txt", "one", "two", "three");
    await expect(blob.delete()).rejects.toMatchObject({
      statusCode: 409,
      code: "SnapshotsPresent",
    });
    await at(0).delete();
    expect([await at(0).exists(), await at(1).exists()]).toEqual([false, true]);
    await blob.delete({ deleteSnapshots: "only" });
    expect([await at(1).exists(), await blob.exists()]).toEqual([false, true]);
    await blob.createSnapshot();
    await blob.delete({ deleteSnapshots: "include" });
    expect(await blob.exists()).toBe(false);
    await blob.upload("new", 3);
    const left = await collect(raw.listBlobsFlat({ prefix: "gone.txt", includeSnapshots: true }));
    expect(left).toHaveLength(1);
  });

  test("frees the bytes of blob and snapshots", async () => {
    const folder = join(lake.folder, "lake/gen2/contosolake/bytes");
    const files = async () =>
      (await readdir(folder, { recursive: true })).filter((name) => name.includes("/")).length;
    const before = await files();
    // Too large to share a file with other contents.
    const [one, two] = ["1".repeat(70_000), "2".repeat(70_000)];
    const { blob, at } = await blobWith("bytes.txt", one, two);
    const snapshot = at(0);
    expect((await read(snapshot)) === one).toBe(true);
    expect(await files()).toBe(before + 2);
    await paths().getFileClient("bytes.txt").delete();
    await expect.poll(files).toBe(before);
    expect(await snapshot.exists()).toBe(false);
    await blob.upload("again", 5);
    expect(await snapshot.exists()).toBe(false);
    await blob.delete();
  });
});

test("the blocks of a snapshot are those that the blob had", async () => {
  const blob = raw.getBlockBlobClient("blocks.txt");
  const [one, two] = ["b25l", "dHdv"];
  await blob.stageBlock(one, "1", 1);
  await blob.commitBlockList([one]);
  const { snapshot = "" } = await blob.createSnapshot();
  await blob.stageBlock(two, "22", 2);
  const names = (list: { name: string }[] | undefined) => list?.map(({ name }) => name);
  const then = await blob.withSnapshot(snapshot).getBlockList("all");
  const now = await blob.getBlockList("all");
  expect([names(then.committedBlocks), names(then.uncommittedBlocks)]).toEqual([[one], []]);
  expect([names(now.committedBlocks), names(now.uncommittedBlocks)]).toEqual([[one], [two]]);
});
